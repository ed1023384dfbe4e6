import assert from 'node:assert/strict';
import { parametersText, type ImageParameters } from '../../../ts/generate/parameters-text.js';
import { packageVersion } from '../../../ts/package-version.js';

const PLAIN: ImageParameters = {
  prompt: 'a house', negativePrompt: '', steps: 20, scheduler: 'euler-ancestral', guidanceScale: 7.5, guidanceRescale: 0, eta: 0.5,
  spacing: 'model', seed: 12,
  width: 512, height: 768, model: 'sd15', loras: [], givenLatents: false,
}; // prettier-ignore

describe('the parameters text', () => {
  it('is the prompt and one line', () => {
    const line = `Steps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 12, Size: 512x768, Model: sd15, Version: deepcode ${packageVersion()}`;
    assert.equal(parametersText(PLAIN), `a house\n${line}`);
  });

  it('says everything that changed the image', () => {
    const text = parametersText({
      ...PLAIN,
      negativePrompt: 'blurry',
      scheduler: 'ddim',
      eta: 0.5,
      spacing: 'trailing',
      guidanceRescale: 0.7,
      strength: 0.6,
      givenLatents: true,
      loras: [{ name: 'ink.safetensors', scale: 0.5 }, { name: 'b', scale: -1 }],
    });
    assert.match(text, /^a house\nNegative prompt: blurry\nSteps: 20, /);
    const parts = ['CFG rescale: 0.7', 'Eta: 0.5', 'Timestep spacing: trailing', 'Denoising strength: 0.6', 'Initial latents: given'];
    for (const part of parts) assert.ok(text.includes(part), part);
    assert.match(text, /Lora: "ink\.safetensors:0\.5 b:-1"/);
  });

  it('quotes a name that would be read as more than one value', () => {
    assert.match(parametersText({ ...PLAIN, model: 'a, Seed: 3' }), /Model: "a, Seed: 3"/);
  });
});
