/**
 * What a generated PNG says of itself: how it was made (the `parameters` text that other tools read) and that a
 * model made it (IPTC digital source type in XMP).
 *
 * XMP: ISO 16684-1; in PNG: XMP Specification Part 3, 1.1.5. Digital source type: IPTC Photo Metadata Standard
 * 2023.1 and its NewsCodes.
 */
import { invalidArgument } from '../errors.js';
import { packageVersion } from '../package-version.js';
import { readChunks, readText, textChunk, writeChunks, type PngText } from './png-chunks.js';

export const PARAMETERS_KEYWORD = 'parameters';
const XMP_KEYWORD = 'XML:com.adobe.xmp';

const SOURCE_TYPES = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
/** Created by a model that was trained on other works: IPTC's term for generated images. */
export const GENERATED_SOURCE_TYPE = 'trainedAlgorithmicMedia';
/** IPTC's term for a picture that holds such images beside others. */
export const COMPOSITE_SOURCE_TYPE = 'compositeWithTrainedAlgorithmicMedia';

/** What a PNG file says of itself. */
export interface PngMetadata {
  width: number;
  height: number;
  /** How the image was made; null: the file does not say. */
  parameters: string | null;
  /** IPTC's digital source type without its address, for example "trainedAlgorithmicMedia"; null: none. */
  digitalSourceType: string | null;
  /** Every text of the file, XMP left out. */
  texts: readonly PngText[];
}

function xmpPacket(sourceType: string): string {
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmp:CreatorTool="deepcode ${packageVersion()}"
    Iptc4xmpExt:DigitalSourceType="${SOURCE_TYPES}${sourceType}"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`;
}

/** The file with both marks, ahead of its pixels; marks that it had are replaced. @throws ERR_IMAGE */
export function markGenerated(png: Uint8Array, parameters: string, sourceType = GENERATED_SOURCE_TYPE): Buffer {
  const ours = [PARAMETERS_KEYWORD, XMP_KEYWORD];
  const [header, ...rest] = readChunks(png).filter((chunk) => !ours.includes(readText(chunk)?.keyword ?? ''));
  const marks = [
    textChunk({ keyword: XMP_KEYWORD, text: xmpPacket(sourceType) }, 'iTXt'),
    textChunk({ keyword: PARAMETERS_KEYWORD, text: parameters }),
  ];
  return writeChunks([header!, ...marks, ...rest]);
}

/** Written as an attribute, as an element's text, or as an element's rdf:resource. */
const SPELLINGS = String.raw`\s*=\s*["']|\s*>|\s[^<>]*?rdf:resource\s*=\s*["']`;
const ADDRESS = String.raw`https?://cv\.iptc\.org/newscodes/digitalsourcetype/`;
const SOURCE_TYPE_PATTERN = new RegExp(String.raw`DigitalSourceType(?:${SPELLINGS})\s*(?:${ADDRESS})?(\w+)`, 'i');

/**
 * Reads what a PNG says of itself; whoever wrote it may have written anything.
 *
 * @throws TypeError; DeepcodeError ERR_IMAGE for what is no PNG or is damaged
 */
export function readPngMetadata(png: Uint8Array): PngMetadata {
  if (!(png instanceof Uint8Array)) throw invalidArgument('png', 'a Uint8Array', png);
  const chunks = readChunks(png);
  const texts = chunks.map(readText).filter((text) => text !== undefined);
  const find = (keyword: string): string | undefined => texts.find((text) => text.keyword === keyword)?.text;
  const header = chunks[0]!.data;
  return {
    width: header.readUInt32BE(0),
    height: header.readUInt32BE(4),
    parameters: find(PARAMETERS_KEYWORD) ?? null,
    digitalSourceType: SOURCE_TYPE_PATTERN.exec(find(XMP_KEYWORD) ?? '')?.[1] ?? null,
    texts: texts.filter(({ keyword }) => keyword !== XMP_KEYWORD),
  };
}
