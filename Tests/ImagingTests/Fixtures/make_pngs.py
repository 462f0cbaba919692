"""Small PNG files of every kind, written by pypng, and what they show: pngs/*.png, pngs.json.

In pngs.json a file's samples are integers from 0 to `white`, [height, width, channels] flattened,
after palettes became RGB and transparent colours an alpha channel.  python make_pngs.py
"""
import json
import os
import struct
import zlib

import numpy as np
import png

OUT = os.path.dirname(os.path.abspath(__file__))
os.makedirs(f"{OUT}/pngs", exist_ok=True)
rng = np.random.default_rng(5)
table = []


def save(name, rows, shown, white, **options):
    """Writes `rows` [height, width · planes]; `shown` [height, width, channels] is expected."""
    height, width, channels = shown.shape
    for interlace in (False, True):
        file = name + ("-interlaced" if interlace else "") + ".png"
        with open(f"{OUT}/pngs/{file}", "wb") as target:
            png.Writer(width, height, interlace=interlace, **options).write(target, rows.tolist())
        check(f"{OUT}/pngs/{file}", shown, white)
        table.append(dict(
            file=file, width=width, height=height, channels=channels, white=white,
            bits=16 if white == 65535 else 8, samples=shown.flatten().tolist()))


def check(path, shown, white):
    """pypng's own reader must agree, up to the scale of the samples."""
    _, _, rows, info = png.Reader(path).asDirect()
    read = np.array([list(row) for row in rows]).reshape(shown.shape) / (2 ** info["bitdepth"] - 1)
    assert np.allclose(read, shown / white), path


def gray_and_colour(width=9, height=7):
    for bits in (1, 2, 4, 8, 16):
        white = 2**bits - 1
        gray = rng.integers(0, white + 1, (height, width, 1))
        gray[0, 0], gray[0, 1] = 0, white
        save(f"gray{bits}", gray[..., 0], gray, white, greyscale=True, bitdepth=bits)
        clear = int(gray[1, 1, 0])
        alpha = np.where(gray == clear, 0, white)
        save(f"gray{bits}-transparent", gray[..., 0], np.concatenate([gray, alpha], 2), white,
             greyscale=True, bitdepth=bits, transparent=clear)
    for bits in (8, 16):
        white = 2**bits - 1
        for name, planes, options in [("gray-alpha", 2, dict(greyscale=True, alpha=True)),
                                      ("rgb", 3, dict(greyscale=False)),
                                      ("rgba", 4, dict(greyscale=False, alpha=True))]:
            image = rng.integers(0, white + 1, (height, width, planes))
            save(f"{name}{bits}", image.reshape(height, -1), image, white, bitdepth=bits, **options)
        image = rng.integers(0, white + 1, (height, width, 3))
        clear = tuple(int(v) for v in image[2, 3])
        alpha = np.where((image == clear).all(2, keepdims=True), 0, white)
        save(f"rgb{bits}-transparent", image.reshape(height, -1),
             np.concatenate([image, alpha], 2), white, greyscale=False, bitdepth=bits,
             transparent=clear)
    image = rng.integers(0, 256, (height, width, 1))
    save("gray8-gamma", image[..., 0], image, 255, greyscale=True, bitdepth=8, gamma=0.3)


def palettes(width=9, height=7):
    for bits in (1, 2, 4, 8):
        count = min(2**bits, 40)
        index = rng.integers(0, count, (height, width))
        colours = rng.integers(0, 256, (count, 3))
        save(f"palette{bits}", index, colours[index], 255, bitdepth=bits,
             palette=[tuple(c) for c in colours.tolist()])
        colours = rng.integers(0, 256, (count, 4))
        save(f"palette{bits}-transparent", index, colours[index], 255, bitdepth=bits,
             palette=[tuple(c) for c in colours.tolist()])


def sizes():
    for width, height in [(1, 1), (1, 6), (6, 1), (2, 3), (33, 2)]:
        image = rng.integers(0, 256, (height, width, 3))
        save(f"rgb8-{width}x{height}", image.reshape(height, -1), image, 255, greyscale=False,
             bitdepth=8)


def broken():
    """Files that promise more than they hold; their checksums are right."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(
            ">I", zlib.crc32(name + data))

    def file(name, width, height, pixels, bits=8, colour=0):
        header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
        with open(f"{OUT}/pngs/broken-{name}.png", "wb") as target:
            target.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
                         + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))

    file("huge", 1_000_000, 1_000_000, b"\0" * 20)
    file("large", 30_000, 30_000, b"\0" * 20)
    file("short", 20, 20, b"\0" * 21 * 7)
    file("no-pixels", 0, 5, b"")
    file("bits", 4, 4, b"\0" * 20, bits=3)


gray_and_colour()
palettes()
sizes()
broken()
with open(f"{OUT}/pngs.json", "w") as target:
    json.dump(table, target, separators=(",", ":"))
print(len(table), "files; pypng", png.__version__)
