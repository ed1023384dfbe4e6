"""DeepFace's architectures in Keras, of any width, with seeded random weights."""

import keras
import numpy as np

VGG_BLOCKS = (2, 2, 3, 3, 3)
FULL_VGG = {"channels": [64] * 2 + [128] * 2 + [256] * 3 + [512] * 6, "hidden": [4096, 4096]}
FULL_EMOTION = {"channels": [64, 64, 64, 128, 128], "hidden": [1024, 1024]}
# File, classes of the last layer.
VGG_FILES = {"age": ("age_model_weights", 101), "gender": ("gender_model_weights", 2), "race": ("race_model_single_batch", 6)}
EMOTION_FILE = "facial_expression_model_weights"


class Names:
    """Keras numbers the convolutions of a session: `first` 0 gives conv2d, conv2d_1, ..."""

    def __init__(self, first):
        self.next = first

    def __call__(self):
        self.next += 1
        return f"conv2d_{self.next - 1}" if self.next > 1 else "conv2d"


def vgg_face(channels, hidden, classes, first):
    layers, names = [keras.Input((224, 224, 3))], Names(first)
    widths = iter(channels)
    for count in VGG_BLOCKS:
        for _ in range(count):
            layers += [keras.layers.ZeroPadding2D(1), keras.layers.Conv2D(next(widths), 3, activation="relu", name=names())]
        layers.append(keras.layers.MaxPooling2D(2, 2))
    for width, side in zip(hidden, (7, 1)):
        layers += [keras.layers.Conv2D(width, side, activation="relu", name=names()), keras.layers.Dropout(0.5)]
    layers += [keras.layers.Conv2D(classes, 1, name="predictions"), keras.layers.Flatten(), keras.layers.Activation("softmax")]
    return keras.Sequential(layers)


def emotion(channels, hidden):
    names = Names(1)
    conv = lambda width, side: keras.layers.Conv2D(width, side, activation="relu", name=names())  # noqa: E731
    a, b, c, d, e = channels
    return keras.Sequential([
        keras.Input((48, 48, 1)),
        conv(a, 5), keras.layers.MaxPooling2D(5, 2),
        conv(b, 3), conv(c, 3), keras.layers.AveragePooling2D(3, 2),
        conv(d, 3), conv(e, 3), keras.layers.AveragePooling2D(3, 2),
        keras.layers.Flatten(),
        keras.layers.Dense(hidden[0], activation="relu", name="dense_1"), keras.layers.Dropout(0.2),
        keras.layers.Dense(hidden[1], activation="relu", name="dense_2"), keras.layers.Dropout(0.2),
        keras.layers.Dense(7, activation="softmax", name="dense_3"),
    ])  # fmt: skip


def randomize(model, seed):
    """He's initialisation with small biases; the last layer's outputs are spread, so that classes differ."""
    random = np.random.default_rng(seed)
    values = []
    for value in model.get_weights():
        scale = np.sqrt(2 / np.prod(value.shape[:-1])) if value.ndim > 1 else 0.1
        values.append((random.standard_normal(value.shape, dtype=np.float32) * np.float32(scale)))
    model.set_weights(values)
    return model


def share_trunk(model, other):
    """The 13 convolutions of `other` in `model`."""
    model.set_weights(other.get_weights()[:26] + model.get_weights()[26:])


def save(model, path):
    """As Keras 3 writes weights in the format of Keras 2: a group a layer, in it the names of the model and the layer."""
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


def save_like_keras_2(model, path):
    """As DeepFace's published files are: layers in their order, in each a scope of its name, names that end in :0."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            weights = {f"{layer.name}/{variable.name}:0": variable.numpy() for variable in layer.weights}
            group.attrs["weight_names"] = [name.encode() for name in weights]
            for name, value in weights.items():
                group[name] = value
    load(model, path)


def load(model, path):
    """Keras's own reader, which goes by the order of layers."""
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    before = model.get_weights()
    with h5py.File(path) as file:
        legacy_h5_format.load_weights_from_hdf5_group(file, model)
    assert all((one == other).all() for one, other in zip(before, model.get_weights(), strict=True))


def small_networks():
    """By attribute; age and gender share their convolutions, as DeepFace's published files do."""
    channels = [4, 4, 6, 6, 8, 8, 8, 8, 8, 8, 10, 10, 10]
    firsts = {"age": 1, "gender": 16, "race": 0}
    models = {
        name: randomize(vgg_face(channels, [12, 14], classes, firsts[name]), seed)
        for seed, (name, (_, classes)) in enumerate(VGG_FILES.items())
    }
    share_trunk(models["gender"], models["age"])
    models["emotion"] = randomize(emotion([4, 6, 6, 8, 8], [12, 10]), 9)
    return models


def picture(width, height):
    """The formula of syntheticPicture in test/support/face-networks.ts: RGB."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((x * x // 16 + 3 * y + 61 * c + x * y // (width // 2 + 1)) % 256).astype(np.uint8)
