"""Arrays that hold a picture, written by NumPy: arrays/*.npy.  python make_arrays.py

Each is the ramp sample[row, column, channel] = (40 row + 10 column + channel) / 255, with 3 rows
and 4 columns, in its type's own scale.
"""
import os

import numpy as np

OUT = os.path.dirname(os.path.abspath(__file__))
os.makedirs(f"{OUT}/arrays", exist_ok=True)
row, column, channel = np.mgrid[:3, :4, :3]
ramp = 40 * row + 10 * column + channel
np.save(f"{OUT}/arrays/uint8.npy", ramp.astype(np.uint8))
np.save(f"{OUT}/arrays/uint8-gray.npy", ramp[..., 0].astype(np.uint8))
np.save(f"{OUT}/arrays/uint16.npy", (ramp * 257).astype("<u2"))
np.save(f"{OUT}/arrays/uint16-big-endian.npy", (ramp * 257).astype(">u2"))
np.save(f"{OUT}/arrays/float32.npy", (ramp / 255).astype(np.float32))
np.save(f"{OUT}/arrays/float64.npy", ramp / 255)
np.save(f"{OUT}/arrays/float64-big-endian.npy", (ramp / 255).astype(">f8"))
with open(f"{OUT}/arrays/version3.npy", "wb") as file:
    np.lib.format.write_array(file, (ramp / 255).astype(np.float32), version=(3, 0))
np.save(f"{OUT}/arrays/int32.npy", ramp.astype(np.int32))
np.save(f"{OUT}/arrays/fortran.npy", np.asfortranarray(ramp / 255))
np.save(f"{OUT}/arrays/complex.npy", ramp.astype(np.complex64))
np.save(f"{OUT}/arrays/object.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save(f"{OUT}/arrays/structured.npy", np.zeros(2, dtype=[("x", "<f4"), ("y", "<i2")]))
np.save(f"{OUT}/arrays/channels-first.npy", np.moveaxis(ramp, 2, 0)[:, :, :].repeat(2, 2) / 255)
np.save(f"{OUT}/arrays/line.npy", np.arange(5, dtype=np.float32))
np.savez(f"{OUT}/arrays/archive.npz", ramp)
