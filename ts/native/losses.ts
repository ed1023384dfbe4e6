/** Losses of the addon as functions. Every field is required: defaults live in TypeScript. */

export interface NativeSingleCenterOptions {
  /** At least 0. */
  margin: number;
  /** Multiply the margin by the square root of the feature dimension. */
  scaledMargin: boolean;
  distance: 'euclidean' | 'squared';
}

/** Sizes of the kink and of the pull towards 0; see native/losses/cvar.h. */
export interface NativeCvarSmoothing {
  /** Above 0. */
  tau1: number;
  /** At least 0. */
  tau2: number;
}

/** The bi-level fairness loss: CVaR of each group's samples, then of the groups. */
export interface NativeBilevelCvarOptions {
  /** Over the samples of a group; above 0, at most 1. */
  innerAlpha: number;
  /** Over the groups; above 0, at most 1. */
  outerAlpha: number;
  /** Of the outer level; null: exact. */
  smoothing: NativeCvarSmoothing | null;
  /** Take a group's classes for groups of their own. */
  byClass: boolean;
}

/** Margins by the classes' sizes; see native/losses/ldam.h. */
export interface NativeLdamOptions {
  /** Samples of each class in the training set. */
  classCounts: readonly number[];
  maxMargin: number;
  scale: number;
}

/** A loss and its gradients with respect to its float arguments, in their order. */
export interface Differentiated {
  loss: number;
  gradients: Float32Array[];
}

export interface LossBindings {
  /**
   * Single-Center Loss with its gradients. `features`: labels.length x center.length; `labels`: 0 real, 1
   * fake. Equations: native/losses/single_center.h.
   */
  singleCenterLoss(
    features: Float32Array,
    labels: Uint8Array,
    center: Float32Array,
    options: NativeSingleCenterOptions,
  ): Promise<{ loss: number; gradFeatures: Float32Array; gradCenter: Float32Array }>;
  /** `logits`: labels.length x classCounts.length. Equations: native/losses/ldam.h. */
  ldamLoss(logits: Float32Array, labels: Uint8Array, options: NativeLdamOptions): Promise<Differentiated>;
  /**
   * `features`: anchors.length x dimension, the real half first; `anchors`: for each sample the index of another of its
   * class. Equations: native/losses/contrastive.h.
   */
  contrastiveLoss(features: Float32Array, anchors: Uint8Array, margin: number): Promise<Differentiated>;
  /**
   * Count x channels x height x width each; gradients are with respect to `self` and `cross`. Equations:
   * native/losses/reconstruction.h.
   */
  reconstructionLoss(
    images: Float32Array,
    self: Float32Array,
    cross: Float32Array,
    shape: readonly [channels: number, height: number, width: number],
  ): Promise<Differentiated>;
  /** One loss, one label (0 or 1) and one group number a sample. Equations: native/losses/bilevel_cvar.h. */
  bilevelCvarLoss(
    losses: Float32Array,
    labels: Uint8Array,
    groups: Uint8Array,
    options: NativeBilevelCvarOptions,
  ): Promise<Differentiated>;
  /** Where the minimum over eta is attained that CVaR is. */
  cvarEta(losses: Float32Array, alpha: number, smoothing: NativeCvarSmoothing | null): Promise<number>;
}
