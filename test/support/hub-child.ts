// Runs resolveModel in a process of its own: node --import tsx hub-child.ts '{"id": ..., "options":
// ...}' Prints one line of JSON: {"folder"} or {"code", "message"}.

import { resolveModel, type ResolveOptions } from '../../ts/hub/index.js';

const { id, options } = JSON.parse(process.argv[2]!) as { id: string; options: ResolveOptions };

resolveModel(id, options).then(
  (folder) => console.log(JSON.stringify({ folder })),
  (error: Error & { code?: string }) => {
    console.log(JSON.stringify({ code: error.code, message: error.message }));
  },
);
