/** Faces in images: where they are, and pictures of them. */
export { cropFace } from './crop-face.js';
export type { FaceCropOptions } from './crop-face.js';
export type { DetectedFace, FaceLandmarks, FaceRectangle, Point } from './detected-face.js';
export { FaceDetector } from './face-detector.js';
export type { DetectFacesOptions, FaceDetectorOptions, FaceImage, FaceNetwork } from './face-detector.js';
