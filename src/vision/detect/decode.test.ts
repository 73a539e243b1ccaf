import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { imageIdOf, looksLikePhoto } from '../image-id.ts';
import { PhotoError } from '../photo-error.ts';
import { decode } from './decode.ts';

const plain = (width = 120, height = 80) =>
  sharp({ create: { width, height, channels: 3, background: '#d02020' } });

/** A grey PNG whose header claims what its data may not hold. */
function greyPng(width: number, height: number, rows = height): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  const pixels = deflateSync(Buffer.alloc((width + 1) * rows));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...[chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))],
  ]);
}

async function refused(bytes: Uint8Array, failure: string, message: RegExp): Promise<void> {
  await assert.rejects(decode(bytes), (error) => {
    assert.ok(error instanceof PhotoError);
    assert.equal(error.failure, failure);
    assert.match(error.publicMessage, message);
    return true;
  });
}

describe('a file that is no photo is refused with what it is', () => {
  test('an empty one', () => refused(Buffer.alloc(0), 'empty', /is empty/));
  test('a text', () => refused(Buffer.from('no photo at all'), 'not_an_image', /no image/));
  test('a photo that is cut short', async () => {
    const whole = await plain(800, 600).jpeg().toBuffer();
    await refused(whole.subarray(0, whole.length - 600), 'broken', /damaged/);
  });
  test('a drawing', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"/>';
    return refused(Buffer.from(svg), 'unsupported', /svg is not a photo/);
  });
  test('one of a few pixels', async () =>
    refused(await plain(8, 8).png().toBuffer(), 'unsupported', /too few/));
  test('a PNG of some kB that unpacks to 2,500 megapixels', async () => {
    const bomb = greyPng(50_000, 50_000, 200);
    assert.ok(bomb.length < 100_000);
    await refused(bomb, 'too_large', /50000 x 50000 pixels are too many/);
  });
});

describe('a photo of every kind becomes upright sRGB', () => {
  const pixel = (data: Uint8Array): number[] => [...data.subarray(0, 3)];

  test('100 megapixels, within the memory of 300 MB', async () => {
    const before = process.memoryUsage().rss;
    const { frame } = await decode(greyPng(10_000, 10_000));
    assert.deepEqual([frame.width, frame.height], [1_600, 1_600]);
    assert.equal(frame.data.length, 1_600 * 1_600 * 3);
    assert.ok(process.memoryUsage().rss - before < 300e6);
  });

  test('CMYK', async () => {
    const bytes = await plain().toColourspace('cmyk').jpeg().toBuffer();
    const { frame } = await decode(bytes);
    const [red = 0, green = 0, blue = 0] = pixel(frame.data);
    assert.ok(red > 150 && green < 80 && blue < 80);
  });

  test('grey, 16 bits a colour, and with holes', async () => {
    for (const bytes of [
      await plain().greyscale().jpeg().toBuffer(),
      await plain().toColourspace('rgb16').png().toBuffer(),
      await plain().ensureAlpha(0.5).png().toBuffer(),
    ]) {
      const { frame } = await decode(bytes);
      assert.equal(frame.data.length, frame.width * frame.height * 3);
    }
  });

  test('turned by its camera', async () => {
    const bytes = await plain(120, 80).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { frame, shown } = await decode(bytes);
    assert.deepEqual([frame.width, frame.height], [80, 120]);
    const { width, height, orientation } = await sharp(shown).metadata();
    assert.deepEqual([width, height, orientation], [80, 120, undefined]);
  });

  test('an animation is its first picture', async () => {
    const frames = await Promise.all(
      ['#ff0000', '#0000ff'].map((background) =>
        sharp({ create: { width: 60, height: 60, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    const { frame } = await decode(gif);
    assert.deepEqual([frame.width, frame.height], [60, 60]);
    assert.deepEqual(pixel(frame.data), [255, 0, 0]);
  });

  test('what is shown says nothing of where and by whom it was taken', async () => {
    const exif = { IFD0: { Artist: 'Ann' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } };
    const { shown, thumbnail } = await decode(await plain().withExif(exif).jpeg().toBuffer());
    for (const bytes of [shown, thumbnail]) {
      assert.equal((await sharp(bytes).metadata()).exif, undefined);
    }
  });
});

test('an id is of the bytes alone, and a UUID', () => {
  const [a, b] = [imageIdOf(Buffer.from('a')), imageIdOf(Buffer.from('b'))];
  assert.equal(a, imageIdOf(Buffer.from('a')));
  assert.notEqual(a, b);
  assert.match(a, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('a photo is told by how it begins, not by its name', async () => {
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const) {
    assert.ok(looksLikePhoto(await plain().toFormat(format).toBuffer()), format);
  }
  assert.ok(!looksLikePhoto(Buffer.from('text')) && !looksLikePhoto(Buffer.alloc(0)));
});
