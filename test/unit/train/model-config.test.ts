import assert from 'node:assert/strict';
import { modelConfig } from '../../../ts/detect/train/model-config.js';
import { preprocessingOf } from '../../support/preprocessing.js';

const PREPROCESSING = preprocessingOf(224);
const LABELS = ['real', 'fake'];

describe('modelConfig', () => {
  it('states the new classes where timm looks for them, and keeps the rest', () => {
    const base = {
      architecture: 'vit_base_patch16_224',
      num_classes: 1000,
      num_features: 768,
      pretrained_cfg: { num_classes: 1000, input_size: [3, 224, 224], tag: 'augreg' },
    };
    assert.deepEqual(modelConfig(base, 2, PREPROCESSING, LABELS), {
      architecture: 'vit_base_patch16_224',
      num_classes: 2,
      num_features: 768,
      label_names: LABELS,
      pretrained_cfg: {
        num_classes: 2,
        input_size: [3, 224, 224],
        interpolation: 'bicubic',
        crop_pct: 0.9,
        crop_mode: 'center',
        mean: [0.5, 0.5, 0.5],
        std: [0.5, 0.5, 0.5],
        tag: 'augreg',
        label_names: LABELS,
      },
    });
  });

  it('corrects model_args, which win over everything else', () => {
    const base = { model_args: { num_classes: 5, img_size: 64, depth: 2 } };
    const { model_args: args } = modelConfig(base, 2, PREPROCESSING, LABELS);
    assert.deepEqual(args, { num_classes: 2, img_size: 224, depth: 2 });
  });

  it('states another image size than that of the base', () => {
    const resized = { ...PREPROCESSING, inputSize: [3, 96, 128] as const };
    const config = modelConfig({ pretrained_cfg: { input_size: [3, 224, 224] } }, 2, resized, LABELS);
    assert.deepEqual(config['model_args'], { img_size: [96, 128] });
  });

  it('names no labels for the head of another task', () => {
    assert.ok(!('label_names' in modelConfig({}, 1000, PREPROCESSING, null)));
  });
});
