/**
 * Where the file of a worker thread is: beside the module that starts it, or what the bundle made of it (adr/0009).
 * The bundle's entries are in rolldown.config.mjs. For `new Worker(url)`.
 */
export function threadFile(startedBy: string, source: string, bundled: string): URL {
  return new URL(startedBy.endsWith('.ts') ? source : `./${bundled}.mjs`, startedBy);
}
