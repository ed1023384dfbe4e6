/** Options of the bi-level fairness loss, for every network that can be trained with it. */
import { DEMOGRAPHIC_ATTRIBUTES } from '../data/demographics/demographics.js';
import { invalidArgument } from '../errors.js';
import type { NativeBilevelCvarOptions } from '../native/losses.js';
import { choice, flag, real, text, type Resolved } from '../options.js';

/** Equations 2a and 2b of Lin et al. 2024; the shares are those of the authors' code. */
export const FAIRNESS_LOSS_OPTIONS = {
  fairnessAlpha: real({
    short: 'alpha',
    default: 0.5,
    min: 1e-6,
    max: 1,
    help: 'share of the groups, the worst ones, that the loss with --fairness cvar is made of; 1 is all',
  }),
  fairnessInnerAlpha: real({
    default: 0.9,
    min: 1e-6,
    max: 1,
    help: "share of a group's samples, the worst ones, that its loss is made of",
  }),
  fairnessForm: choice({
    choices: ['exact', 'smoothed'],
    default: 'exact',
    help: 'how the share of groups is taken: exact, or smoothed by --fairness-tau1 and --fairness-tau2',
  }),
  fairnessTau1: real({ default: 0.001, min: 1e-6, max: 100, help: 'width of the smoothed kink' }),
  fairnessTau2: real({ default: 0.0001, min: 0, max: 100, help: 'pull of the smoothed threshold towards 0' }),
  fairnessGroups: text({
    default: 'gender,race',
    placeholder: 'LIST',
    help: `attributes whose intersections are the groups, of ${DEMOGRAPHIC_ATTRIBUTES.join(', ')}`,
  }),
  fairnessByClass: flag({
    help: "take a group's real and fake images for groups of their own, so that error rates become even (Sagawa et al. 2020)",
  }),
} as const;

type FairnessLossOptions = Resolved<typeof FAIRNESS_LOSS_OPTIONS>;

/** @throws TypeError for an option that would change nothing */
export function checkFairnessLoss({ fairness, fairnessByClass }: { fairness: 'cvar' | 'none'; fairnessByClass: boolean }): void {
  if (fairness === 'none' && fairnessByClass) throw invalidArgument('fairness', 'cvar with --fairness-by-class', fairness);
}

/** What the addon takes of them. */
export function bilevelCvarOptions(
  options: Omit<FairnessLossOptions, 'fairnessGroups'>,
): NativeBilevelCvarOptions {
  const { fairnessAlpha, fairnessInnerAlpha, fairnessForm, fairnessTau1, fairnessTau2, fairnessByClass } = options;
  const smoothing = fairnessForm === 'smoothed' ? { tau1: fairnessTau1, tau2: fairnessTau2 } : null;
  return { innerAlpha: fairnessInnerAlpha, outerAlpha: fairnessAlpha, smoothing, byClass: fairnessByClass };
}
