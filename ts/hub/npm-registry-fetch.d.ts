/** What npm-registry-fetch, which has no types of its own, is used for. */
declare module 'npm-registry-fetch' {
  interface Options {
    registry: string;
    headers?: Readonly<Record<string, string>>;
    /** Milliseconds. */
    timeout: number;
    retry: { retries: number };
    signal: AbortSignal;
  }
  interface Answer {
    readonly headers: { get(name: string): string | null };
    readonly body: AsyncIterable<Uint8Array>;
    json(): Promise<unknown>;
  }
  const fetchFromRegistry: (address: string, options: Options) => Promise<Answer>;
  export default fetchFromRegistry;
}
