/** Rows that stand while a table is loading, so that nothing below moves when its own come. */
export function PlaceholderRows({ rows, columns }: { rows: number; columns: number }) {
  return Array.from({ length: rows }, (_, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no other identity.
    <tr key={i} className="placeholder">
      <td colSpan={columns}>
        <span className="ghost" />
      </td>
    </tr>
  ));
}
