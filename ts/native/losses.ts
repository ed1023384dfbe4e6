/** Losses of the addon as functions. Every field is required: defaults live in TypeScript. */

export interface NativeSingleCenterOptions {
  /** At least 0. */
  margin: number;
  /** Multiply the margin by the square root of the feature dimension. */
  scaledMargin: boolean;
  distance: 'euclidean' | 'squared';
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
}
