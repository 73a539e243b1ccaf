/** From a file to pixels, within bounds of memory. Whatever sharp says of a file becomes a PhotoError. */
import sharp, { type Metadata, type Sharp } from 'sharp';
import { PhotoError } from '../photo-error.ts';
import type { Frame } from './models.ts';

/** What is shown and looked at: more pixels find nobody else. */
const MAX_SIDE_PX = 1_600;
const MIN_SIDE_PX = 32;
const THUMBNAIL_PX = 320;
/** 100 megapixels of a medium format camera; a PNG of a few kB can claim more. */
const MAX_PIXELS = 120_000_000;
/** libvips reads a photo from top to bottom; these formats it can read so, and site cameras write them. */
const FORMATS: readonly string[] = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif'];

export type Decoded = {
  readonly frame: Frame;
  /** JPEG as it is shown: upright, sRGB, without metadata such as the place. */
  readonly shown: Uint8Array;
  readonly thumbnail: Uint8Array;
};

function open(bytes: Uint8Array): Sharp {
  return sharp(bytes, { limitInputPixels: MAX_PIXELS, sequentialRead: true, failOn: 'error', pages: 1 });
}

async function metadataOf(bytes: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false, pages: 1 }).metadata();
  } catch (error) {
    throw new PhotoError('not_an_image', 'the file is no image that can be read', error);
  }
}

function refuse({ format, width, height }: Metadata): void {
  if (!FORMATS.includes(format)) {
    throw new PhotoError('unsupported', `${format} is not a photo: JPEG, PNG, WebP, GIF, TIFF and AVIF are`);
  }
  if (width * height > MAX_PIXELS) {
    const size = `${width} x ${height}`;
    throw new PhotoError(
      'too_large',
      `${size} pixels are too many: at most ${MAX_PIXELS / 1e6} megapixels are read`,
    );
  }
  if (Math.min(width, height) < MIN_SIDE_PX) {
    throw new PhotoError('unsupported', `${width} x ${height} pixels are too few to see anybody`);
  }
}

/** Throws PhotoError. An animation is its first picture; CMYK becomes sRGB; EXIF's orientation is applied. */
export async function decode(bytes: Uint8Array): Promise<Decoded> {
  if (bytes.length === 0) throw new PhotoError('empty', 'the file is empty');
  refuse(await metadataOf(bytes));
  try {
    const { data, info } = await open(bytes)
      .autoOrient()
      .resize(MAX_SIDE_PX, MAX_SIDE_PX, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#808080' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const shown = sharp(data, { raw: { width, height, channels: 3 } });
    return {
      frame: { data, width, height },
      shown: await shown.clone().jpeg({ quality: 84 }).toBuffer(),
      thumbnail: await shown
        .clone()
        .resize(THUMBNAIL_PX, THUMBNAIL_PX, { fit: 'inside', withoutEnlargement: true })
        .jpeg({ quality: 78 })
        .toBuffer(),
    };
  } catch (error) {
    throw new PhotoError('broken', 'the image is damaged: it cannot be read to its end', error);
  }
}
