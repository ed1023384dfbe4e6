/** What is read from one face, in the shape and with the label names of DeepFace (Serengil and Ozpinar 2020). */

/** In DeepFace's order, which is that of FER2013 and of the networks' outputs. */
export const EMOTIONS = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'] as const;
export const GENDERS = ['Woman', 'Man'] as const;
export const RACES = ['asian', 'indian', 'black', 'white', 'middle eastern', 'latino hispanic'] as const;

export type Emotion = (typeof EMOTIONS)[number];
export type Gender = (typeof GENDERS)[number];
export type Race = (typeof RACES)[number];

/** In pixels of the upright image; the eyes are the person's own left and right. */
export interface FaceRegion {
  x: number;
  y: number;
  w: number;
  h: number;
  left_eye: readonly [x: number, y: number] | null;
  right_eye: readonly [x: number, y: number] | null;
}

/** Scores from 0 to 100; those of one attribute sum to 100. */
export type Scores<Label extends string> = Readonly<Record<Label, number>>;

export interface AgeResult {
  /** In whole years; DeepFace's network cuts the fraction off, GEAR's is rounded. */
  age: number;
}

export interface GenderResult {
  gender: Scores<Gender>;
  dominant_gender: Gender;
}

export interface EmotionResult {
  emotion: Scores<Emotion>;
  dominant_emotion: Emotion;
}

export interface RaceResult {
  race: Scores<Race>;
  /** 'other' only from networks that know Middle Eastern, Latino and Hispanic as one class (see `fromGear`). */
  dominant_race: Race | 'other';
}

/** One face. Attributes that were not asked for are absent. */
export interface FaceAttributes
  extends Partial<AgeResult>,
    Partial<GenderResult>,
    Partial<EmotionResult>,
    Partial<RaceResult> {
  region: FaceRegion;
  /** Of the detector, 0 to 1. */
  face_confidence: number;
}
