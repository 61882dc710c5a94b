import { convertIndexedToRgb, decode as decodePng, hasPngSignature } from "fast-png";
import { decode as decodeJpeg } from "jpeg-js";
import type { Picture } from "./resize-bilinear.ts";

/** The file is no image that can be used, for the reason in the message. */
export class PictureError extends Error {
  override readonly name = "PictureError";
}

/** A small file can stand for gigabytes of pixels: what a camera of 64 megapixels gives is enough. */
const maxMegapixels = 64;

/**
 * The pixels of a PNG or JPEG file as red, green and blue from 0 to 255. Grey becomes three equal channels, transparency is dropped
 * and 16 bits are scaled to 255, as Pillow's convert("RGB") does with the first two. Throws PictureError.
 */
export function decodePicture(bytes: Uint8Array): Picture {
  try {
    if (hasPngSignature(bytes)) return pngPicture(bytes);
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegPicture(bytes);
  } catch (cause) {
    if (cause instanceof PictureError) throw cause;
    throw new PictureError(`the image is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  throw new PictureError("neither a PNG nor a JPEG file");
}

function jpegPicture(bytes: Uint8Array): Picture {
  const { width, height, data } = decodeJpeg(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: maxMegapixels,
  });
  return { width, height, channels: 3, values: Float32Array.from(data) };
}

function pngPicture(bytes: Uint8Array): Picture {
  // IHDR is always first: width and height stand in bytes 16 to 23 (PNG specification, 11.2.1).
  if (bytes.length < 24) throw new PictureError("the image is damaged: it ends within its header");
  const header = new DataView(bytes.buffer, bytes.byteOffset, 24);
  const pixels = header.getUint32(16) * header.getUint32(20);
  if (pixels > maxMegapixels * 1e6)
    throw new PictureError(`the image has ${pixels} pixels, more than ${maxMegapixels} million`);
  const png = decodePng(bytes, { checkCrc: true });
  const { width, height } = png;
  const indexed = png.palette !== undefined;
  const data = indexed ? convertIndexedToRgb(png) : png.data;
  const channels = data.length / (width * height);
  // Below eight bits the decoder leaves grey values packed: several pixels in a byte.
  if (!indexed && png.depth < 8) return greyPicture(width, height, unpackGrey(png.data, width, height, png.depth));
  const largest = png.depth === 16 ? 65_535 : 255;
  const values = new Float32Array(width * height * 3);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++)
      values[i * 3 + c] = ((data[i * channels + (channels >= 3 ? c : 0)] as number) * 255) / largest;
  return { width, height, channels: 3, values };
}

function unpackGrey(packed: ArrayLike<number>, width: number, height: number, depth: number): Float32Array {
  const bytesPerRow = Math.ceil((width * depth) / 8);
  const largest = 2 ** depth - 1;
  const grey = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const byte = packed[y * bytesPerRow + Math.floor((x * depth) / 8)] as number;
      const shift = 8 - depth - ((x * depth) % 8);
      grey[y * width + x] = (((byte >> shift) & largest) * 255) / largest;
    }
  return grey;
}

function greyPicture(width: number, height: number, grey: Float32Array): Picture {
  const values = new Float32Array(grey.length * 3);
  for (const [i, value] of grey.entries()) values.fill(value, i * 3, i * 3 + 3);
  return { width, height, channels: 3, values };
}
