"""Reference values of the fairness report, by NumPy from the definitions: masks, means, pairs of scores.

The bootstrap draws with the report's own generator (splitmix32 seeding xoshiro128**), so that its intervals can be
compared to the last digits too; each resample is then measured as slowly and plainly as the images themselves.
Whole persons are drawn, those with real photos only, with fakes only and with both apart; an image of nobody known is a
person of its own. Rates of one group have percentile intervals. A figure F of rates R has the lower end F(R) - c, c the
quantile of F(R* - R) at the confidence, or that of the percentile interval where it is lower, and its upper end.

Run: python test/parity/fairness/generate.py   (writes fixtures.json beside this file)
"""

import json
import pathlib

import numpy as np

WORD = 0xFFFFFFFF
RESAMPLES, CONFIDENCE, SEED = 150, 0.9, 11
RATES = ("accuracy", "auc", "tpr", "fpr")


class Xoshiro:
    """Blackman & Vigna 2021."""

    def __init__(self, seed):
        self.state = []
        for _ in range(4):
            seed = (seed + 0x9E3779B9) & WORD
            z = seed ^ (seed >> 16)
            z = z * 0x21F0AAAD & WORD
            z = (z ^ (z >> 15)) * 0x735A2D97 & WORD
            self.state.append(z ^ (z >> 15))

    def word(self):
        rotate = lambda x, k: (x << k | x >> (32 - k)) & WORD
        s = self.state
        result = rotate(s[1] * 5 & WORD, 7) * 9 & WORD
        shifted = s[1] << 9 & WORD
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 11)
        return result

    def below(self, bound):
        limit = 2**32 - 2**32 % bound
        while (word := self.word()) >= limit:
            pass
        return word % bound


def seed_of(name):
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & WORD
    return value ^ SEED


def mean(values):
    return float(values.mean()) if len(values) else None


def rates(y, p, threshold):
    """threshold: one an image."""
    called = p >= threshold
    pairs = p[y == 1][:, None] - p[y == 0][None, :]
    return {
        "accuracy": mean(called == (y == 1)),
        "auc": mean(((pairs > 0) + 0.5 * (pairs == 0)).ravel()),
        "tpr": mean(called[y == 1]),
        "fpr": mean(called[y == 0]),
        "fnr": mean(~called[y == 1]),
        "tnr": mean(~called[y == 0]),
        "positive": mean(called),
        "negative": mean(~called),
    }


def spread(values):
    return max(values) - min(values) if len(values) > 1 else None


def pooled_rates(groups):
    return rates(*(np.concatenate([g[i] for g in groups]) for i in range(3)))


def figures(groups, values, pooled, minimum):
    """values: rates of each group; pooled: of all; Lin et al. 2024, section 4.1, over the groups that are large enough."""
    kinds = {"accuracy": "any", "positive": "any", "negative": "any", "auc": "both"}
    kinds |= {"tpr": "fake", "fnr": "fake", "fpr": "real", "tnr": "real"}

    def size(y, kind):
        fake = int((y == 1).sum())
        return {"any": len(y), "fake": fake, "real": len(y) - fake, "both": min(fake, len(y) - fake)}[kind]

    judged = {
        name: [v[name] for g, v in zip(groups, values) if size(g[0], kind) >= minimum] for name, kind in kinds.items()
    }
    gaps = {name: spread(values) for name, values in judged.items()}

    def largest(*names):
        return None if any(gaps[n] is None for n in names) else max(gaps[n] for n in names)

    def deviations(*names):
        if any(len(judged[n]) < 2 for n in names):
            return None
        return sum(abs(v - pooled[n]) for n in names for v in judged[n])

    return {
        "fprGap": gaps["fpr"],
        "fprSum": deviations("fpr"),
        "maxEqualizedOdds": largest("tpr", "fpr", "tnr", "fnr"),
        "demographicParity": largest("positive", "negative"),
        "accuracyEquality": gaps["accuracy"],
        "equalizedOddsSum": deviations("tpr", "fpr"),
        "tprGap": gaps["tpr"],
        "aucGap": gaps["auc"],
    }


def interval(value, resampled):
    if value is None:
        return None
    tail = (1 - CONFIDENCE) / 2
    lower, upper = np.quantile(resampled, [tail, 1 - tail])
    return {"value": value, "lower": float(lower), "upper": float(upper)}


def figure_interval(value, resampled, errors):
    if value is None:
        return None
    tail = (1 - CONFIDENCE) / 2
    lowest, highest = np.quantile(resampled, [tail, 1 - tail])
    lower = min(value - np.quantile(errors, CONFIDENCE), lowest)
    return {"value": value, "lower": max(float(lower), 0.0), "upper": float(max(highest, value))}


def minus(a, b):
    return {name: None if a[name] is None else a[name] - b[name] for name in a}


def persons_of(who):
    """Indices of each person's images, in order of their first ones; "" is nobody known."""
    first = [i for i, name in enumerate(who) if name == "" or name not in who[:i]]
    return [[i] if who[i] == "" else [k for k, name in enumerate(who) if name == who[i]] for i in first]


def resamples(group, who, key):
    y, p, threshold = group
    random = Xoshiro(seed_of(key))
    persons = persons_of(who)
    strata = [[own for own in persons if set(y[own].tolist()) == kind] for kind in ({0}, {1}, {0, 1})]
    out = []
    for _ in range(RESAMPLES):
        picked = [i for stratum in strata for _ in stratum for i in stratum[random.below(len(stratum))]]
        out.append((y[picked], p[picked], threshold[picked]))
    return out


def group_report(name, group, who, key):
    y, p, threshold = group
    values = rates(y, p, threshold)
    drawn = resamples(group, who, key)
    measured = [rates(*each) for each in drawn]
    estimates = {rate: interval(values[rate], [each[rate] for each in measured]) if values[rate] is not None else None for rate in RATES}
    report = {"group": name, "real": int((y == 0).sum()), "fake": int((y == 1).sum()), "threshold": float(threshold[0])}
    return {**report, **estimates}, drawn


def at_fpr(reals, fpr):
    """The lowest threshold with at most this share of real photos at or above it, halfway to the next score."""
    scores = np.unique(reals)[::-1]
    allowed = [t for t in scores if np.count_nonzero(reals >= t) <= fpr * len(reals) + 1e-9]
    if not allowed:
        return float(scores[0] + max(5e-324, abs(scores[0]) * np.finfo(float).eps))
    below = scores[scores < allowed[-1]]
    return float(below[0] + (allowed[-1] - below[0]) / 2) if len(below) else float(allowed[-1])


def youden(y, p):
    scores = np.unique(p)[::-1]
    best, best_value = None, 0.0
    reals, fakes = p[y == 0], p[y == 1]
    for t in scores:
        value = np.count_nonzero(fakes >= t) * len(reals) - np.count_nonzero(reals >= t) * len(fakes)
        if value > best_value:
            best, best_value = t, value
    below = scores[scores < best]
    return float(below[0] + (best - below[0]) / 2) if len(below) else float(best)


def threshold_of(rule, y, p):
    kind, _, number = rule.partition(":")
    if kind == "model":
        return 0.45
    if kind in ("fpr", "group-fpr"):
        return at_fpr(p[y == 0], float(number)) if (y == 0).any() else None
    if kind == "group-youden":
        return youden(y, p) if 0 < y.sum() < len(y) else None
    return float(rule)


def family_report(names, y, p, people, who, rule, common, minimum):
    labels = [", ".join(person[n] for n in names) if all(n in person for n in names) else None for person in people]
    reports, groups, drawn = [], [], []
    for name in sorted({label for label in labels if label is not None}):
        own = np.array([label == name for label in labels])
        threshold = threshold_of(rule, y[own], p[own]) if rule.startswith("group") else common
        threshold = common if threshold is None else threshold
        group = (y[own], p[own], np.full(own.sum(), threshold))
        family = " x ".join(names)
        report, samples = group_report(name, group, [w for w, mine in zip(who, own) if mine], f"{family}={name}")
        reports.append(report)
        groups.append(group)
        drawn.append(samples)
    own, pooled = [rates(*group) for group in groups], pooled_rates(groups)
    values = figures(groups, own, pooled, minimum)
    measured, errors = [], []
    for b in range(RESAMPLES):
        samples = [each[b] for each in drawn]
        again, pooled_again = [rates(*sample) for sample in samples], pooled_rates(samples)
        measured.append(figures(groups, again, pooled_again, minimum))
        errors.append(figures(groups, [minus(a, r) for a, r in zip(again, own)], minus(pooled_again, pooled), minimum))
    estimates = {
        name: figure_interval(value, [each[name] for each in measured], [each[name] for each in errors])
        for name, value in values.items()
    }
    return {"name": " x ".join(names), "groups": reports, "figures": estimates, "unknown": labels.count(None)}


def case(name, y, p, people, rule, minimum, who=None):
    who = [""] * len(y) if who is None else who
    common = threshold_of(rule, y, p)
    common = 0.45 if common is None else common
    sets = [("gender",), ("race",), ("gender", "race")]
    overall, _ = group_report("all", (y, p, np.full(len(y), common)), who, "all")
    return {
        "name": name,
        "threshold": rule,
        "minGroup": minimum,
        "labels": y.tolist(),
        "scores": p.tolist(),
        "gender": [person.get("gender", "") for person in people],
        "race": [person.get("race", "") for person in people],
        "identity": who,
        "overall": overall,
        "families": [family_report(names, y, p, people, who, rule, common, minimum) for names in sets],
    }


def draw(rng, count, unfair=0.15):
    genders = rng.choice(["female", "male", ""], count, p=[0.45, 0.5, 0.05])
    races = rng.choice(["asian", "black", "white", "others", ""], count, p=[0.3, 0.25, 0.3, 0.1, 0.05])
    y = rng.integers(0, 2, count)
    p = 0.35 + 0.3 * y + unfair * (races == "black") + 0.2 * rng.normal(size=count)
    people = [{k: str(v) for k, v in (("gender", g), ("race", r)) if v} for g, r in zip(genders, races)]
    return y, np.clip(np.round(p, 3), 0, 1), people


def draw_persons(rng, count):
    """One to six images a person; of a third of them real and fake ones; some images of nobody known."""
    y, p, people, who = [], [], [], []
    for person in range(count):
        _, (look,), (demographics,) = draw(rng, 1, 0.3)
        kinds = [[0], [1], [0, 1]][person % 3]
        for _ in range(int(rng.integers(1, 7))):
            y.append(int(rng.choice(kinds)))
            p.append(float(np.clip(round(0.6 * look + 0.3 * y[-1] + 0.05 * rng.normal(), 3), 0, 1)))
            people.append(demographics)
            who.append("" if person % 11 == 0 else f"p{person}")
    return np.array(y), np.array(p), people, who


def main():
    rng = np.random.default_rng(5)
    y, p, people = draw(rng, 320)
    coarse = np.round(p, 1)
    only_fakes = np.array([1 if person.get("race") == "others" else label for person, label in zip(people, y)])
    cases = [
        case("every group, as the papers count", y, p, people, "model", 1),
        case("groups too small are left out", y, p, people, "model", 40),
        case("a score as threshold, with ties on it", y, coarse, people, "0.5", 10),
        case("the same threshold at an overall FPR", y, p, people, "fpr:0.1", 20),
        case("a threshold a group at one FPR", y, coarse, people, "group-fpr:0.2", 20),
        case("a threshold a group by Youden", y, p, people, "group-youden", 20),
        case("a group with fakes only", only_fakes, p, people, "group-youden", 1),
        case("real photos only", np.zeros_like(y), p, people, "fpr:0.25", 20),
        case("fakes only", np.ones_like(y), p, people, "model", 20),
    ]
    y, p, people, who = draw_persons(rng, 90)
    cases.append(case("several images a person", y, p, people, "model", 10, who))
    cases.append(case("real photos only, several a person", np.zeros_like(y), p, people, "group-fpr:0.2", 10, who))
    y, p, people = draw(rng, 320, 0.5)
    cases.append(case("a group far from the others", y, p, people, "model", 20))
    path = pathlib.Path(__file__).with_name("fixtures.json")
    settings = {"resamples": RESAMPLES, "confidence": CONFIDENCE, "seed": SEED, "modelThreshold": 0.45}
    path.write_text(json.dumps({**settings, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
