"""Reference values of the metrics: scikit-learn for what it has, SciPy and NumPy for the rest.

Run: python test/parity/metrics/generate.py   (writes fixtures.json beside this file)
"""

import json
import pathlib
import warnings

import numpy as np
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from scipy.special import expit
from sklearn import metrics

warnings.simplefilter("ignore")
THRESHOLDS = [0.25, 0.5, 0.8]
BINS = 15


def finite(value):
    """JSON has no NaN or Infinity: null stands for the first, a string for the second."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return [finite(v) for v in value]
    value = float(value)
    if np.isnan(value):
        return None
    return "Infinity" if np.isinf(value) else value


def expected_calibration_error(y, p, variant):
    if variant == "positive":
        predicted, hit = p, y
    else:
        predicted, hit = np.maximum(p, 1 - p), (p >= 0.5).astype(int) == y
    edges = np.arange(BINS + 1) / BINS
    total = 0.0
    for m in range(BINS):
        inside = (predicted > edges[m]) & (predicted <= edges[m + 1])
        if m == 0:
            inside |= predicted == 0
        if inside.any():
            total += inside.mean() * abs(predicted[inside].mean() - hit[inside].mean())
    return total


def at_threshold(y, p, threshold):
    predicted = (p >= threshold).astype(int)
    tn, fp, fn, tp = metrics.confusion_matrix(y, predicted, labels=[0, 1]).ravel()
    return {
        "threshold": threshold,
        "confusion": [int(tn), int(fp), int(fn), int(tp)],
        "accuracy": metrics.accuracy_score(y, predicted),
        "balancedAccuracy": (tp / (tp + fn) + tn / (tn + fp)) / 2 if 0 < y.sum() < len(y) else None,
        "precision": finite(metrics.precision_score(y, predicted, zero_division=np.nan)),
        "f1": finite(metrics.f1_score(y, predicted, zero_division=np.nan)),
    }


def curves(y, p):
    precision, recall, pr_thresholds = metrics.precision_recall_curve(y, p)
    out = {"pr": {"precision": finite(precision), "recall": finite(recall)}}
    out["pr"]["thresholds"] = finite(pr_thresholds)
    if 0 < y.sum() < len(y):
        for name, drop in (("roc", True), ("rocFull", False)):
            fpr, tpr, thresholds = metrics.roc_curve(y, p, drop_intermediate=drop)
            out[name] = {"fpr": finite(fpr), "tpr": finite(tpr), "thresholds": finite(thresholds)}
        fpr, tpr, thresholds = metrics.roc_curve(y, p)
        out["eer"] = brentq(lambda x: 1.0 - x - interp1d(fpr, tpr)(x), 0.0, 1.0, xtol=1e-14)
        out["youden"] = float(np.max(tpr - fpr))
    else:
        out.update(roc=None, rocFull=None, eer=None)
    return out


def temperature(y, margins):
    signed = np.where(y == 1, margins, -margins)
    loss = lambda beta: np.mean(np.logaddexp(0, -beta * signed))
    slope = lambda beta: -np.mean(signed * expit(-beta * signed))
    beta = brentq(slope, 1 / 20, 1 / 0.05, xtol=1e-15)
    return {"temperature": 1 / beta, "lossBefore": loss(1.0), "lossAfter": loss(beta)}


def case(name, y, p, margins=None):
    y, p = np.asarray(y), np.asarray(p, dtype=np.float64)
    out = {
        "name": name,
        "labels": y.tolist(),
        "scores": p.tolist(),
        "auc": finite(metrics.roc_auc_score(y, p)),
        "averagePrecision": finite(metrics.average_precision_score(y, p)),
        "logLoss": metrics.log_loss(y, p, labels=[0, 1]),
        "brier": metrics.brier_score_loss(y, p, labels=[0, 1], pos_label=1),
        "ece": {v: expected_calibration_error(y, p, v) for v in ("confidence", "positive")},
        "atThreshold": [at_threshold(y, p, t) for t in THRESHOLDS],
        **curves(y, p),
    }
    if margins is not None:
        out["logits"] = np.stack([-0.3 * margins + 1, 0.7 * margins + 1], axis=1).ravel().tolist()
        out["temperature"] = temperature(y, margins)
    return out


def main():
    rng = np.random.default_rng(7)
    y = rng.integers(0, 2, 240)
    margins = 2.5 * (rng.normal(size=240) + 0.9 * (2 * y - 1))
    p = expit(margins)
    few = (rng.random(150) < 0.06).astype(int)
    skewed = expit(rng.normal(size=150) + few)
    cases = [
        case("continuous", y, p, margins),
        case("underconfident", y, expit(margins / 6), margins / 6),
        case("float32 scores", y, p.astype(np.float32)),
        case("ties at one decimal", y, np.round(p, 1)),
        case("ties at one half", y, np.round(p * 2) / 2),
        case("all scores equal", y[:20], np.full(20, 0.5)),
        case("few fakes", few, skewed),
        case("perfect", [0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.7, 0.9]),
        case("inverted", [1, 1, 0, 0], [0.1, 0.2, 0.7, 0.9]),
        case("zeros and ones", [0, 1, 0, 1, 1, 0], [0, 1, 1, 0, 1, 0]),
        case("two samples", [0, 1], [0.4, 0.6]),
        case("two samples tied", [0, 1], [0.6, 0.6]),
        case("bin edges", rng.integers(0, 2, BINS + 1), np.arange(BINS + 1) / BINS),
        case("only fakes", np.ones(12, int), np.round(rng.random(12), 1)),
        case("only reals", np.zeros(12, int), np.round(rng.random(12), 1)),
        case("one fake", [1], [0.7]),
        case("one real", [0], [0.7]),
    ]
    path = pathlib.Path(__file__).with_name("fixtures.json")
    path.write_text(json.dumps({"bins": BINS, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
