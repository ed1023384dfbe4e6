"""Principal components from scikit-learn's full SVD, for the comparison with ts/plots/pca.ts.

Run: python test/parity/pca/generate.py   (writes fixtures.json beside this file)
"""

import json
import pathlib

import numpy as np
from sklearn.decomposition import PCA


def case(name, features, components, extra):
    pca = PCA(n_components=components, svd_solver="full").fit(features)
    # The sign of a component is arbitrary: its entry of largest magnitude is made positive.
    largest = np.argmax(np.abs(pca.components_), axis=1)
    signs = np.sign(pca.components_[np.arange(components), largest])
    return {
        "name": name,
        "dimensions": features.shape[1],
        "features": features.ravel().tolist(),
        "components": (pca.components_ * signs[:, None]).tolist(),
        "explainedVariance": pca.explained_variance_.tolist(),
        "explainedVarianceRatio": pca.explained_variance_ratio_.tolist(),
        "extra": extra.ravel().tolist(),
        "projected": (pca.transform(extra) * signs)[:, :2].tolist(),
    }


def main():
    rng = np.random.default_rng(11)
    wide = rng.normal(size=(40, 24)) * np.exp(-np.arange(24) / 5) @ rng.normal(size=(24, 24)) + 3
    small = rng.normal(size=(30, 2)) @ np.array([[3.0, 1.0], [0.2, 0.5]])
    tall = rng.normal(size=(6, 20))
    cases = [
        case("24 dimensions", wide.round(6), 3, rng.normal(size=(5, 24)).round(6)),
        case("2 dimensions", small.round(6), 2, small[:4].round(6)),
        case("fewer samples than dimensions", tall.round(6), 2, tall[:3].round(6)),
    ]
    path = pathlib.Path(__file__).with_name("fixtures.json")
    path.write_text(json.dumps({"cases": cases}) + "\n")


if __name__ == "__main__":
    main()
