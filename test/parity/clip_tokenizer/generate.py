"""Makes the fixtures of clip_tokenizer.test.ts: prompts with the token ids of transformers' CLIPTokenizer.

    python test/parity/clip_tokenizer/generate.py VOCABULARY

VOCABULARY is a tokenizer folder with CLIP's real vocabulary (vocab.json, merges.txt, special_tokens_map.json,
tokenizer_config.json); it is not committed. prompts.json holds the prompts, real.json their ids with that folder as it
is and with the padding token of Stable Diffusion 2 ("!"), small.json those of the made-up vocabulary in small/. Ids are cut at 77 and stand without
padding; "length" is how many there are before the cut, "rest" the text that the cut takes away.
"""

import json
import random
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
from transformers import CLIPTokenizer  # noqa: E402

LONGEST = 77
START, END = "<|startoftext|>", "<|endoftext|>"

WRITTEN = [
    "",
    " ",
    "a",
    "A",
    "!",
    "!!!",
    "a!",
    "hello !",
    "?!",
    "a photo of an astronaut riding a horse on mars",
    "A portrait of a woman, 35 years old, brown hair, smiling; studio light, 85mm, f/1.8",
    "masterpiece, best quality, (detailed eyes:1.2), [blurry], {oil painting}, <lora:face:0.8>",
    "  leading and trailing spaces  ",
    "tabs\tand\nnew\r\nlines\n\n",
    "many     spaces      inside",
    "no\u00a0break\u00a0space",
    "zero\u200bwidth\u200bspace",
    "joined\u2060words",
    "byte order \ufeffmark",
    "next\u0085line",
    "ideographic\u3000space",
    "line\u2028separator\u2029paragraph",
    "narrow\u202fspace \u2009thin \u200ahair",
    "\u001funit separator",
    "caf\u00e9 cr\u00e8me br\u00fbl\u00e9e",
    "cafe\u0301 cre\u0300me bru\u0302le\u0301e",
    "\u00c5ngstr\u00f6m A\u030angstro\u0308m \u212b",
    "na\u00efve co\u00f6perate fa\u00e7ade pi\u00f1ata",
    "STRASSE Stra\u00dfe STRA\u1e9eE",
    "\u0130stanbul I\u0307stanbul \u0131l\u0131k",
    "J\u030c \u01f0 and T\u0308 \u1e97",
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3",
    "\u03c3\u03c2 \u03a3",
    "\ufb01ne \ufb02our \ufb03",
    "\u00bd cup, \u00b2 squared, \u2167 chapters, \u2460 first",
    "x\u00b2 + y\u00b2 = z\u00b2",
    "\uff21\uff22\uff23 \uff11\uff12\uff13 full width",
    "\u4e00\u4e2a\u5fae\u7b11\u7684\u5973\u4eba\u7684\u8096\u50cf",
    "\u65e5\u672c\u306e\u5c71\u3068\u6d77\u3001\u5915\u713c\u3051",
    "\u30ab\u30bf\u30ab\u30ca\u3068\u3072\u3089\u304c\u306a",
    "\u304b\u3099 \u304c",
    "\ud55c\uad6d\uc5b4 \ucd08\uc0c1\ud654",
    "\u1112\u1161\u11ab\u1100\u116e\u11a8",
    "\u0e20\u0e32\u0e1e\u0e16\u0e48\u0e32\u0e22\u0e43\u0e1a\u0e2b\u0e19\u0e49\u0e32",
    "\u0935\u094d\u092f\u0915\u094d\u0924\u093f \u0915\u093e \u091a\u093f\u0924\u094d\u0930",
    "\u0635\u0648\u0631\u0629 \u0627\u0645\u0631\u0623\u0629 \u062a\u0628\u062a\u0633\u0645",
    "\u05e4\u05e0\u05d9\u05dd \u05e9\u05dc \u05d0\u05d9\u05e9",
    "\u041f\u043e\u0440\u0442\u0440\u0435\u0442 \u0436\u0435\u043d\u0449\u0438\u043d\u044b \u0432 \u041c\u043e\u0441\u043a\u0432\u0435",
    "\u0391\u03b8\u03ae\u03bd\u03b1",
    "Vi\u1ec7t Nam \u0111\u1eb9p",
    "\U0001d400\U0001d401 bold math",
    "\U00020000\U0002a6d6 rare CJK",
    "\U0001f600",
    "\U0001f600\U0001f600\U0001f600",
    "smile \U0001f60a please",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 family",
    "\U0001f44d\U0001f3fd thumbs",
    "\U0001f1e8\U0001f1ed\U0001f1ef\U0001f1f5 flags",
    "\u2764\ufe0f heart \u2764 bare",
    "\U0001f469\U0001f3ff\u200d\U0001f680 astronaut",
    "1\ufe0f\u20e3 keycap",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f england",
    "it's",
    "IT'S",
    "I'm you're we've they'll he'd don't can't",
    "'s 't 're 've 'm 'll 'd",
    "it\u2019s curly",
    "o'clock rock'n'roll 'quoted'",
    "''''",
    "'S'T'RE",
    "3.14159",
    "1234567890",
    "24mm 50mm 85mm f1.4 8k 4K HD",
    "2026-11-23 10:45",
    "v1.5 v2-1",
    "50%",
    "$100",
    "#art @artist",
    "a_b_c snake_case camelCase kebab-case",
    "http://example.com/a?b=c&d=e",
    "C:\\folder\\file.png",
    "<b>bold</b>",
    "&amp; &lt;tag&gt;",
    "a,b;c:d.e!f?g",
    "...",
    "\u2026",
    "\u2014 dash \u2013 dash - dash",
    "(((very important)))",
    "\u201cquoted\u201d \u2018text\u2019",
    START,
    END,
    f"before {END} after",
    f"{START}a{END}",
    "<|ENDOFTEXT|>",
    "<|endoftext|",
    "<|endoftext|>s",
    f"a{END}b",
    "startoftext endoftext",
    "< | endoftext | >",
    "supercalifragilisticexpialidocious",
    "Donaudampfschifffahrtsgesellschaftskapit\u00e4n",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "qwrtzpsdfghjklyxcvbnm",
    "\u0301 alone accent",
    "a\u0301\u0302\u0303\u0304 stacked",
    "\ufffd replacement",
    "\u0000 nul",
    "\x07 bell \x1b escape",
    "soft\u00adhyphen",
    "\u202eright to left\u202c",
    "word " * 74 + "end",
    "word " * 75,
    "word " * 76,
    "a " * 500,
    "the quick brown fox jumps over the lazy dog " * 56,
    "\U0001f600 " * 60,
    "\u4e2d\u6587" * 60,
    "x" * 600,
    "caf\u00e9, " * 100,
]
NOUNS = (
    "woman man child face portrait astronaut city forest castle dragon cat robot garden ocean mountain street".split()
)
STYLES = [
    "oil painting",
    "watercolour",
    "35mm film",
    "digital art",
    "trending on artstation",
    "by Greg Rutkowski",
    "4k",
    "HDR",
    "in the style of \u00c9douard Manet",
    "ukiyo-e \u6d6e\u4e16\u7d75",
    "vaporwave \uff56\uff41\uff50\uff4f\uff52",
    "\U0001f3a8",
    "soft light",
    "bokeh!",
    "cinematic (1.3)",
    "don't blur",
    "sharp--focus",
]
SEPARATORS = [", ", " ", "; ", ",", " | ", "\n", " AND ", "  ", "\u3001"]


def make_prompts(count):
    draw = random.Random(20260203)
    prompts = list(WRITTEN)
    while len(prompts) < count - 3:
        words = [draw.choice(["a", "The", "one", "two", "AN"]), draw.choice(NOUNS)]
        styles = draw.sample(STYLES, draw.randint(1, 6))
        prompts.append(" ".join(words) + draw.choice(SEPARATORS) + draw.choice(SEPARATORS).join(styles))
    while len(prompts) < count:
        words = [draw.choice(NOUNS + [style.split()[0] for style in STYLES]) for _ in range(500)]
        prompts.append(" ".join(words))
    return prompts


def encode(folder, prompts):
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    rows = []
    for prompt in prompts:
        everything = tokenizer(prompt).input_ids
        row = {"length": len(everything)}
        padded = tokenizer(prompt, padding="max_length", max_length=LONGEST, truncation=True).input_ids
        assert padded[len(everything) :] == [tokenizer.pad_token_id] * max(0, LONGEST - len(everything))
        row["ids"] = padded[: len(everything)]
        if len(everything) > LONGEST:
            row["rest"] = tokenizer.decode(everything[LONGEST - 1 : -1])
        rows.append(row)
    return {"pad": tokenizer.pad_token_id, "rows": rows}


def with_exclamation_padding(folder):
    copy = Path(tempfile.mkdtemp()) / "tokenizer"
    shutil.copytree(folder, copy)
    path = copy / "special_tokens_map.json"
    path.chmod(0o644)
    path.write_text(json.dumps({**json.loads(path.read_text()), "pad_token": "!"}))
    return copy


def make_small():
    """A byte-level vocabulary with the merges of a few words, in the layout of CLIP's."""
    byte_letters = [chr(b) for b in [*range(33, 127), *range(161, 173), *range(174, 256)]]
    byte_letters += [chr(256 + i) for i in range(256 - len(byte_letters))]
    merges = [
        "t h",
        "th e</w>",
        "a n",
        "an d</w>",
        "c a",
        "ca t</w>",
        "f a",
        "c e</w>",
        "fa ce</w>",
        "e r</w>",
        "\u00e2 \u0122</w>",
        "! !</w>",
    ]
    tokens = (
        byte_letters
        + [letter + "</w>" for letter in byte_letters]
        + ["".join(pair.split()) for pair in merges]
        + [START, END]
    )
    folder = HERE / "small"
    folder.mkdir(exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    names = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": "!"}
    (folder / "special_tokens_map.json").write_text(json.dumps(names) + "\n")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"model_max_length": LONGEST, "tokenizer_class": "CLIPTokenizer"}) + "\n"
    )
    return folder


def dump(name, value):
    (HERE / name).write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def main():
    vocabulary = Path(sys.argv[1])
    prompts = make_prompts(200)
    dump("prompts.json", prompts)
    exclamation = encode(with_exclamation_padding(vocabulary), prompts)
    plain = encode(vocabulary, prompts)
    changed = {str(i): row for i, (row, old) in enumerate(zip(exclamation["rows"], plain["rows"])) if row != old}
    dump("real.json", {**plain, "exclamation": {"pad": exclamation["pad"], "changed": changed}})
    dump("small.json", encode(make_small(), prompts))
    print(
        len(prompts),
        "prompts,",
        sum("rest" in row for row in plain["rows"]),
        "cut,",
        len(changed),
        "change with '!' as padding",
    )


if __name__ == "__main__":
    main()
