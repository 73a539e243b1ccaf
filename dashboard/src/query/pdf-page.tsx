/** One page of a PDF, drawn by pdf.js, with a quotation marked on it. A chunk of its own: most visits need none. */
import * as pdfjs from 'pdfjs-dist';
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import { useEffect, useRef, useState } from 'react';
import { Notice } from '../shell/notice.tsx';
import { piecesOf } from './highlight.ts';

pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;

type Pdf = pdfjs.PDFDocumentProxy;
type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

/** Boxes in shares of the page, so that they stay right at every size. */
async function boxesOf(page: pdfjs.PDFPageProxy, highlight: string): Promise<Box[]> {
  const { items } = await page.getTextContent();
  const texts = items.flatMap((item) => ('str' in item ? [item] : []));
  const found = piecesOf(
    highlight,
    texts.map(({ str }) => str),
  );
  const [left = 0, bottom = 0, right = 1, top = 1] = page.view;
  return [...found].flatMap((index): Box[] => {
    const item = texts[index];
    if (item === undefined) return [];
    const [, , , , x = 0, y = 0] = item.transform.map(Number);
    const size = item.height || 8;
    return [
      {
        left: (x - left) / (right - left),
        top: (top - y - size) / (top - bottom),
        width: item.width / (right - left),
        height: (size * 1.25) / (top - bottom),
      },
    ];
  });
}

export default function PdfPage({
  url,
  page: first,
  highlight,
}: {
  url: string;
  page: number;
  highlight: string;
}) {
  const [pdf, setPdf] = useState<Pdf | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [number, setNumber] = useState(first);
  const [boxes, setBoxes] = useState<readonly Box[]>([]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const task = pdfjs.getDocument({ url });
    task.promise.then(setPdf, (error: unknown) => {
      if (!task.destroyed) setFailure(error instanceof Error ? error.message : String(error));
    });
    return () => void task.destroy();
  }, [url]);
  useEffect(() => {
    const target = canvas.current;
    const width = place.current?.clientWidth ?? 0;
    if (pdf === null || target === null || width === 0) return;
    let drawing: pdfjs.RenderTask | null = null;
    let left = false;
    const draw = async () => {
      const page = await pdf.getPage(number);
      const viewport = page.getViewport({ scale: width / page.getViewport({ scale: 1 }).width });
      const dense = globalThis.devicePixelRatio || 1;
      target.width = Math.floor(viewport.width * dense);
      target.height = Math.floor(viewport.height * dense);
      if (left) return;
      drawing = page.render({ canvas: target, viewport, transform: [dense, 0, 0, dense, 0, 0] });
      const found = number === first ? await boxesOf(page, highlight) : [];
      await drawing.promise;
      if (!left) setBoxes(found);
    };
    draw().catch((error: unknown) => {
      if (!left) setFailure(error instanceof Error ? error.message : String(error));
    });
    return () => {
      left = true;
      drawing?.cancel();
    };
  }, [pdf, number, first, highlight]);
  useEffect(() => {
    if (boxes.length > 0) mark.current?.scrollIntoView({ block: 'center' });
  }, [boxes]);
  if (failure !== null) {
    return (
      <Notice tone="alert" title="The PDF cannot be shown">
        {failure}
      </Notice>
    );
  }
  return (
    <>
      <div className="pdf-steps">
        <button type="button" className="button" disabled={number <= 1} onClick={() => setNumber(number - 1)}>
          Page before
        </button>
        <span aria-live="polite">
          PDF page {number} of {pdf?.numPages ?? '…'}
        </span>
        <button
          type="button"
          className="button"
          disabled={pdf === null || number >= pdf.numPages}
          onClick={() => setNumber(number + 1)}
        >
          Next page
        </button>
      </div>
      <div ref={place} className="pdf-place">
        <canvas ref={canvas} aria-label={`PDF page ${number}`} role="img" />
        {(number === first ? boxes : []).map((box, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: boxes have no other name.
            key={index}
            ref={index === 0 ? mark : undefined}
            className="pdf-mark"
            style={{
              left: `${box.left * 100}%`,
              top: `${box.top * 100}%`,
              width: `${box.width * 100}%`,
              height: `${box.height * 100}%`,
            }}
          />
        ))}
      </div>
    </>
  );
}
