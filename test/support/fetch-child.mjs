// A process of its own that fills a cache: node fetch-child.mjs <pin as JSON>, DEEPCODE_CACHE set.
import { fetchLibtorch } from '../../native/toolchain/fetch-libtorch.mjs';
import { download } from '../../native/toolchain/http.mjs';
import { printFailure } from '../../native/toolchain/report.mjs';

const pin = JSON.parse(process.argv[2]);
const sources = () => [{ pin, label: 'test', get: (target) => download(pin, target) }];
fetchLibtorch({ sources }).then(
  (libtorch) => process.stdout.write(`${libtorch.root}\n`),
  (error) => {
    process.exitCode = printFailure(error);
  },
);
