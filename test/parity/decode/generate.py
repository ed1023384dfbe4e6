"""Writes images/ and expected.json: small files of every kind the decoder accepts, and the RGB that Pillow's
ImageOps.exif_transpose(Image.open(file)).convert("RGB") gives for each. Run: python generate.py"""
import base64
import io
import json
import pathlib
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageCms, ImageOps

HERE = pathlib.Path(__file__).parent
IMAGES = HERE / "images"
WIDTH, HEIGHT = 37, 26


def picture(channels=3, maximum=255, dtype=np.uint8):
    """Gradients, a hard edge and some noise, different in every channel and at every corner."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    noise = np.random.default_rng(7).uniform(0, 0.15, (HEIGHT, WIDTH, 4))
    planes = [x / WIDTH, y / HEIGHT, 1 - (x + y) / (WIDTH + HEIGHT), 0.2 + 0.6 * (x > y)]
    stacked = np.stack(planes, -1) * 0.85 + noise
    return (stacked[..., :channels] * maximum).round().astype(dtype)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(array, color_type, depth, extra=b"", after=b""):
    """A PNG that Pillow cannot write itself: any depth, with chunks of our choice."""
    height, width = array.shape[:2]
    rows = array.reshape(height, -1)
    raw = b"".join(b"\0" + (row.astype(">u2").tobytes() if depth == 16 else row.tobytes()) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(raw)) + after
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def interlaced_png(array):
    """Adam7: seven reduced images one after another."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b"".join(b"\0" + row.tobytes() for x, y, dx, dy in passes for row in array[y::dy, x::dx])
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 1)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def saved(array, format, **options):
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def exif(orientation, order="<", field_type=3):
    mark = b"II" if order == "<" else b"MM"
    value = struct.pack(order + ("H2x" if field_type == 3 else "I"), orientation)
    entry = struct.pack(order + "HHI", 0x0112, field_type, 1) + value
    return mark + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", 1) + entry + bytes(4)


def with_segment(jpeg, marker, payload):
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload + jpeg[2:]


def without_adobe(jpeg):
    start = jpeg.index(b"\xff\xee")
    return jpeg[:start] + jpeg[start + 2 + struct.unpack(">H", jpeg[start + 2:start + 4])[0]:]


def adobe_transform(jpeg, transform):
    start = jpeg.index(b"\xff\xee")
    return jpeg[:start + 15] + bytes([transform]) + jpeg[start + 16:]


def resampled(width, height, subsampling, new_width, new_height, factors):
    """The blocks of one chroma subsampling declared as another of as many blocks, which Pillow cannot write: a
    scrambled but valid picture."""
    blocks = np.random.default_rng(5).integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    smooth = Image.fromarray(blocks).resize((width, height), Image.Resampling.BICUBIC)
    jpeg = bytearray(saved(smooth, "JPEG", quality=90, subsampling=subsampling))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5:frame + 9] = struct.pack(">HH", new_height, new_width)
    jpeg[frame + 11] = factors
    return bytes(jpeg)


def swapped_profile():
    """sRGB with the red and green primaries exchanged: a reader that honours it shows other colours."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # the date, so that the files come out the same every time
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red:red + 4], profile[green:green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def jpegs():
    rgb = picture()
    base = saved(rgb, "JPEG", quality=92, subsampling=0)
    for orientation in range(1, 9):
        order = "<" if orientation % 2 else ">"
        yield f"exif-{orientation}.jpg", saved(rgb, "JPEG", quality=90, exif=b"Exif\0\0" + exif(orientation, order))
    yield "exif-long.jpg", with_segment(base, 0xE1, b"Exif\0\0" + exif(6, ">", 4))
    yield "exif-invalid-9.jpg", with_segment(base, 0xE1, b"Exif\0\0" + exif(9))
    xmp = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'
    yield "xmp-8.jpg", with_segment(base, 0xE1, xmp)
    yield "grey.jpg", saved(picture(1)[..., 0], "JPEG", quality=90)
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"sampling-{name}.jpg", saved(rgb, "JPEG", quality=80, subsampling=sampling)
        yield f"progressive-{name}.jpg", saved(rgb, "JPEG", quality=80, subsampling=sampling, progressive=True)
    yield "sampling-440.jpg", resampled(64, 32, 1, 31, 63, 0x12)
    yield "sampling-411.jpg", resampled(64, 64, 2, 127, 31, 0x41)
    yield "rgb-adobe.jpg", saved(rgb, "JPEG", quality=90, keep_rgb=True)
    cmyk = saved(Image.fromarray(picture(4), "CMYK"), "JPEG", quality=92)
    yield "cmyk-adobe.jpg", cmyk
    yield "cmyk-plain.jpg", without_adobe(cmyk)
    yield "ycck-adobe.jpg", adobe_transform(cmyk, 2)
    yield "icc-swapped.jpg", saved(rgb, "JPEG", quality=90, icc_profile=swapped_profile())
    yield "icc-corrupt.jpg", saved(rgb, "JPEG", quality=90, icc_profile=b"not a profile" * 9)
    yield "restart.jpg", saved(rgb, "JPEG", quality=90, restart_marker_blocks=2)
    yield "trailing-zip.jpg", base + b"PK\x03\x04" + bytes(60)


def pngs():
    rgb, rgba, grey = picture(), picture(4), picture(1)[..., 0]
    yield "rgb.png", saved(rgb, "PNG")
    yield "rgba.png", saved(rgba, "PNG")
    yield "grey.png", saved(grey, "PNG")
    yield "grey-alpha.png", saved(Image.fromarray(picture(2), "LA"), "PNG")
    yield "interlaced.png", interlaced_png(rgb)
    for bits in (1, 2, 4):
        levels = picture(1, 2**bits - 1)[..., 0]
        per_byte = 8 // bits
        padded = np.pad(levels, ((0, 0), (0, -WIDTH % per_byte))).reshape(HEIGHT, -1, per_byte)
        packed = sum(padded[..., i].astype(int) << (8 - bits * (i + 1)) for i in range(per_byte))
        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, 0, 0, 0, 0)
        rows = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in packed)
        body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
        yield f"grey-{bits}-bit.png", b"\x89PNG\r\n\x1a\n" + body
    for name, channels, color_type in (("grey", 1, 0), ("rgb", 3, 2), ("grey-alpha", 2, 4), ("rgba", 4, 6)):
        yield f"{name}-16-bit.png", png(picture(channels, 65535, np.uint16), color_type, 16)
    yield "grey-16-bit-dark.png", png(picture(1, 400, np.uint16), 0, 16)
    yield "grey-16-bit-trns.png", png(picture(1, 400, np.uint16), 0, 16, chunk(b"tRNS", b"\0\x80"))
    yield "rgb-trns.png", png(rgb, 2, 8, chunk(b"tRNS", bytes([0, 30, 0, 40, 0, 50])))
    palette = Image.fromarray(rgb).quantize(17)
    yield "palette.png", saved(palette, "PNG")
    yield "palette-trns.png", saved(palette, "PNG", transparency=bytes(range(0, 170, 10)))
    yield "gamma.png", png(rgb, 2, 8, chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "icc-swapped.png", saved(rgb, "PNG", icc_profile=swapped_profile())
    yield "exif-6.png", png(rgb, 2, 8, chunk(b"eXIf", exif(6)))
    yield "exif-3-after.png", png(rgb, 2, 8, after=chunk(b"eXIf", exif(3)))


def webps():
    rgb, rgba = Image.fromarray(picture()), Image.fromarray(picture(4))
    yield "lossy.webp", saved(rgb, "WEBP", quality=80)
    yield "lossless.webp", saved(rgb, "WEBP", lossless=True)
    yield "alpha-lossy.webp", saved(rgba, "WEBP", quality=80, exact=True)
    yield "alpha-lossless.webp", saved(rgba, "WEBP", lossless=True, exact=True)
    yield "exif-5.webp", saved(rgb, "WEBP", lossless=True, exif=exif(5))
    yield "icc-swapped.webp", saved(rgb, "WEBP", lossless=True, icc_profile=swapped_profile())
    second = ImageOps.invert(rgb)
    yield "animated.webp", saved(rgb, "WEBP", lossless=True, save_all=True, append_images=[second], duration=90)


def main():
    IMAGES.mkdir(exist_ok=True)
    expected = {"pillow": PIL.__version__, "images": {}}
    for generator in (jpegs, pngs, webps):
        for name, data in generator():
            (IMAGES / name).write_bytes(data)
            upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
            rgb = np.asarray(upright.convert("RGB"))
            expected["images"][name] = {
                "width": rgb.shape[1],
                "height": rgb.shape[0],
                "pixels": base64.b64encode(zlib.compress(rgb.tobytes(), 9)).decode(),
            }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
