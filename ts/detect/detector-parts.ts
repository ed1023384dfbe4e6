import type { DetectorOptions, DetectorParts } from './detector.js';

export function loadDetectorParts(_model: string | undefined, _options: DetectorOptions): Promise<DetectorParts> {
  return Promise.reject(new Error('not yet'));
}
