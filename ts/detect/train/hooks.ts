/** How a caller takes part in a run. */
import type { TrainingSample } from './data.js';
import type { ExportedState } from './finish-run.js';
import type { TrainProgress } from './progress.js';
import type { ScoredSamples } from './validation.js';

/** The best state while it is still in memory. */
export interface BestState extends ExportedState {
  /** Logits and features of further images; unreadable ones are left out. */
  score(samples: readonly TrainingSample[]): Promise<ScoredSamples>;
}

export interface TrainHooks {
  /** Stops after the current step, with a checkpoint. */
  signal?: AbortSignal | undefined;
  /** After each step, and when validation begins. */
  onProgress?: ((progress: TrainProgress) => void) | undefined;
  /** One line for a person: what is trained, which images are skipped, how an epoch went. */
  onLog?: ((message: string) => void) | undefined;
  /** Called once with the best state before the network is disposed of. */
  onBest?: ((best: BestState) => Promise<void>) | undefined;
}
