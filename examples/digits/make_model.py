"""Trains a small convolutional net on scikit-learn's digits and saves it, with a sample and TensorFlow's answer.

    pip install tensorflow-cpu==2.21.0 scikit-learn
    python make_model.py

writes saved_model/ and sample.npz beside this file.
"""
import os
import pathlib
import shutil

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
from sklearn.datasets import load_digits

here = pathlib.Path(__file__).parent


def main():
    keras.utils.set_random_seed(7)
    digits = load_digits()
    images = (digits.images / 16.0).astype(np.float32)[..., np.newaxis]
    train, test = slice(0, 1500), slice(1500, None)

    model = keras.Sequential([
        keras.Input((8, 8, 1), name="image"),
        keras.layers.Conv2D(16, 3, padding="same", use_bias=False),
        keras.layers.BatchNormalization(),
        keras.layers.ReLU(),
        keras.layers.SeparableConv2D(32, 3, padding="same", strides=2, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(10, activation="softmax", name="digit"),
    ])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images[train], digits.target[train], epochs=25, batch_size=64, verbose=0)
    accuracy = model.evaluate(images[test], digits.target[test], verbose=0)[1]
    print(f"accuracy on {len(images[test])} unseen digits: {accuracy:.3f}")

    shutil.rmtree(here / "saved_model", ignore_errors=True)
    model.export(here / "saved_model", verbose=False)
    sample = images[test][:8]
    np.savez(here / "sample.npz", image=sample, digit=digits.target[test][:8], probabilities=model.predict(sample, verbose=0))


if __name__ == "__main__":
    main()
