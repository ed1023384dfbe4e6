/** An image generation under way: its steps to iterate over, its images to await. */
import type { GeneratedImage, GenerationStep } from './types.js';

/** Starts at once and reports each step. */
type Run = (onStep: (step: GenerationStep) => void) => Promise<GeneratedImage[]>;

/**
 * `await` gives the images, `for await` the steps; both may be done, in any order. Leaving the loop early does not
 * stop the work: an AbortSignal does. Steps are handed out once, to whoever asks first.
 */
export class Generation implements AsyncIterable<GenerationStep>, PromiseLike<GeneratedImage[]> {
  readonly #images: Promise<GeneratedImage[]>;
  readonly #steps: GenerationStep[] = [];
  #ended = false;
  #waiting: (() => void)[] = [];

  /** Made by {@link TextToImage.generate}. */
  constructor(run: Run) {
    this.#images = run((step) => {
      this.#steps.push(step);
      this.#wakeAll();
    }).finally(() => {
      this.#ended = true;
      this.#wakeAll();
    });
  }

  then<A = GeneratedImage[], B = never>(
    onFulfilled?: ((images: GeneratedImage[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#images.then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<GeneratedImage[] | B> {
    return this.#images.catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<GeneratedImage[]> {
    return this.#images.finally(onFinally);
  }

  /** Ends after the last step; throws what the generation fails with. */
  async *[Symbol.asyncIterator](): AsyncGenerator<GenerationStep, void, undefined> {
    // The failure is thrown here, also when nobody awaits the images.
    this.#images.catch(() => undefined);
    for (;;) {
      const step = this.#steps.shift();
      if (step !== undefined) yield step;
      else if (this.#ended) break;
      else await this.#nextEvent();
    }
    await this.#images;
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
