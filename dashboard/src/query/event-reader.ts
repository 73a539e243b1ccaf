/** Server-sent events out of the pieces in which a response arrives. */

export type ServerEvent = { readonly name: string; readonly data: string };

export class EventReader {
  #rest = '';

  /** The events that are complete with this piece; a piece may end anywhere. */
  take(piece: string): ServerEvent[] {
    const blocks = `${this.#rest}${piece}`.replaceAll('\r\n', '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const lines = block.split('\n');
      const valuesOf = (field: string) =>
        lines
          .filter((line) => line.startsWith(`${field}:`))
          .map((line) => line.slice(field.length + 1).trimStart());
      const data = valuesOf('data').join('\n');
      return data === '' ? [] : [{ name: valuesOf('event').at(-1) ?? 'message', data }];
    });
  }
}
