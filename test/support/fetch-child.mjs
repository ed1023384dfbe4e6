// A process of its own that fills a cache: node fetch-child.mjs <pin as JSON> [libtorch|cmake], DEEPCODE_CACHE set.
import { fetchLibtorch } from '../../native/toolchain/fetch-libtorch.mjs';
import { fetchTool } from '../../native/toolchain/fetch-tools.mjs';
import { download } from '../../native/toolchain/http.mjs';
import { printFailure } from '../../native/toolchain/report.mjs';

const pin = JSON.parse(process.argv[2]);
const name = process.argv[3] ?? 'libtorch';
const sources = () => [{ pin, label: 'test', get: (target) => download(pin, target) }];
const fetched = name === 'libtorch' ? fetchLibtorch({ sources }) : fetchTool(name, { sources });
fetched.then(
  (found) => process.stdout.write(`${found.root ?? found}\n`),
  (error) => {
    process.exitCode = printFailure(error);
  },
);
