import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VIT_ARCHITECTURES } from '../../../ts/detect/vit-architectures.js';
import { parseVitConfig, vitLinearNames } from '../../../ts/detect/vit-config.js';
import { vitModuleNames } from '../../../ts/detect/vit-modules.js';

type Described = Record<string, unknown> & { hidden: number; modules: string[]; linears: string[] };

const TIMM = JSON.parse(readFileSync(join(__dirname, 'fixtures.json'), 'utf8')) as Record<string, Described>;

const outsideLaterBlocks = (names: string[]): string[] => names.filter((name) => !/^blocks\.[1-9]/.test(name));

describe('Architectures against timm', () => {
  it('describes each as timm builds it', () => {
    assert.deepEqual([...VIT_ARCHITECTURES].sort(), Object.keys(TIMM).sort());
    for (const [name, { hidden, modules, linears, ...expected }] of Object.entries(TIMM)) {
      const { options } = parseVitConfig({ architecture: name }, 'config.json');
      for (const [field, value] of Object.entries(expected)) {
        assert.equal(options[field as keyof typeof options], value, `${name}: ${field}`);
      }
      assert.equal(Math.floor(options.embedDim * options.mlpRatio), hidden, name);
      assert.deepEqual(outsideLaterBlocks(vitModuleNames(options)).sort(), modules, name);
      assert.deepEqual(outsideLaterBlocks(vitLinearNames(options)), linears, name);
    }
  });

  it('lists at least the sizes that are asked for', () => {
    for (const size of ['tiny', 'small', 'base', 'large']) {
      const known = VIT_ARCHITECTURES.filter((name) => name.startsWith(`vit_${size}_patch`));
      assert.ok(known.includes(`vit_${size}_patch16_224`) && known.includes(`vit_${size}_patch16_384`), size);
    }
  });
});
