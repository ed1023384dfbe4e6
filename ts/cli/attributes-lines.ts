/** How `deepcode attributes` writes a result: JSON lines, or lines for people. */
import type { FaceAttributes } from '../attributes/face-attributes.js';
import { errorCode } from '../errors.js';
import type { FaceLabel } from '../plots/annotated-faces.js';
import { printable, type Output } from './output.js';

/** One image's line: `faces`, or `error` in their place. */
export interface AttributesLine {
  path: string;
  faces?: readonly FaceAttributes[];
  error?: Error;
  /** Where its annotated picture was written. */
  picture?: string;
}

async function writeJson(output: Output, { path, faces, error, picture }: AttributesLine): Promise<void> {
  if (error) return output.json({ path, error: { code: errorCode(error), message: error.message } });
  await output.json({ path, faces: faces!, ...(picture !== undefined && { picture }) });
}

/** "happy" and its percentage. */
function share(scores: Readonly<Record<string, number>> | undefined, label: string): string {
  const score = scores?.[label];
  return score === undefined ? label : `${label} ${score.toFixed(0)}%`;
}

function attributeTexts(face: FaceAttributes): string[] {
  const { age, gender, dominant_gender, race, dominant_race, emotion, dominant_emotion } = face;
  return [
    ...(dominant_gender === undefined ? [] : [share(gender, dominant_gender)]),
    ...(age === undefined ? [] : [`age ${age}`]),
    ...(dominant_race === undefined ? [] : [share(race, dominant_race)]),
    ...(dominant_emotion === undefined ? [] : [share(emotion, dominant_emotion)]),
  ];
}

async function writeText(output: Output, { path, faces, error, picture }: AttributesLine): Promise<void> {
  if (error) return output.note(`${printable(path)}: ${error.message} [${errorCode(error)}]`, 'red');
  const end = picture === undefined ? '' : output.paint('dim', `  -> ${printable(picture)}`);
  for (const [i, face] of faces!.entries()) {
    const { x, y, w, h } = face.region;
    const place = output.paint('dim', `at ${x},${y} ${w}x${h}`);
    const name = faces!.length > 1 ? `${printable(path)} (${i + 1}/${faces!.length})` : printable(path);
    await output.result(`${attributeTexts(face).join(', ')}  ${place}  ${name}${end}`);
  }
}

export function writeAttributes(output: Output, json: boolean, line: AttributesLine): Promise<void> {
  return json ? writeJson(output, line) : writeText(output, line);
}

/** The face's box with its attributes, one a line. */
export function faceLabel(face: FaceAttributes): FaceLabel {
  const { x, y, w, h, left_eye, right_eye } = face.region;
  const lines = attributeTexts(face).map((text) => text.toLowerCase().replace('%', ''));
  return { x, y, width: w, height: h, lines, points: [left_eye, right_eye].flatMap((eye) => (eye ? [eye] : [])) };
}
