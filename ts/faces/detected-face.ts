/** A face that was found in an image. */

/** In pixels of the upright image from its upper left corner. */
export type Point = readonly [x: number, y: number];

/** In pixels; may reach beyond the edges of the image. */
export interface FaceRectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Eyes and ears are the person's own left and right: a right eye is on the left side of the image. */
export interface FaceLandmarks {
  rightEye: Point;
  leftEye: Point;
  nose: Point;
  /** Its middle; of BlazeFace. */
  mouth?: Point;
  /** Below the ear's opening; of BlazeFace. */
  rightEar?: Point;
  leftEar?: Point;
  /** Its corners; of MTCNN. */
  rightMouth?: Point;
  leftMouth?: Point;
}

export interface DetectedFace {
  box: FaceRectangle;
  /** How sure the detector is, 0 to 1. */
  score: number;
  landmarks: FaceLandmarks;
}

/** Of the part of the box that lies in an image of this size, in square pixels. */
export function visibleArea({ box }: DetectedFace, image: { width: number; height: number }): number {
  const width = Math.min(box.x + box.width, image.width) - Math.max(box.x, 0);
  const height = Math.min(box.y + box.height, image.height) - Math.max(box.y, 0);
  return Math.max(0, width) * Math.max(0, height);
}
