/** `deepcode exam`: detectors on the data they were made for, and on generated images that they have never seen. */
import { EXAM_OPTIONS } from '../../exam/options.js';
import { exam, type ExamReport, type ExamRow } from '../../exam/exam.js';
import { flag, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { downloadText } from '../download-text.js';
import { EXIT, UsageError, type ExitCode } from '../exit-codes.js';
import { printable } from '../output.js';
import { makeReportFolder, writeReport } from '../report-folder.js';

const OPTIONS = {
  ...EXAM_OPTIONS,
  out: text({ placeholder: 'DIR', help: 'write table.md, exam.json and accuracy.svg there' }),
  json: flag({ help: 'print one JSON object a line of the table' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS>;

const rowJson = ({ report, ...row }: ExamRow): object => ({ ...row, ...report });

function filesOf({ rows, failures, skipped, markdown, chart }: ExamReport): Record<string, string> {
  return {
    'table.md': `${markdown}\n`,
    'exam.json': `${JSON.stringify({ rows: rows.map(rowJson), failures, skipped }, null, 2)}\n`,
    'accuracy.svg': chart,
  };
}

async function run(options: Options, { output, signal }: Session): Promise<ExitCode> {
  if (options.detector.length === 0) throw new UsageError('--detector must be given.');
  const { json, out, ...rest } = options;
  if (out !== undefined) await makeReportFolder(out);
  const report = await exam({
    ...rest,
    signal,
    onProgress: ({ detector, set, done, total }) => output.progress(`${printable(detector)}, ${set}: ${done}/${total} images`),
    onDownload: (progress) => output.progress(downloadText(progress)),
  });
  output.endProgress();
  for (const { name, reason } of [...report.failures, ...report.skipped]) output.note(`${printable(name)}: ${printable(reason)}`, 'yellow');
  if (json) for (const row of report.rows) await output.json(rowJson(row));
  else await output.result(report.table);
  if (out !== undefined) output.note(`Wrote ${(await writeReport(out, filesOf(report))).map(printable).join(', ')}`);
  return report.failures.length === 0 ? EXIT.ok : EXIT.failed;
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'exam',
    summary: 'examine detectors on generated images',
    description:
      'Accuracy, with its interval, and loss of each detector on the given data and on generated images, each by its own ' +
      'threshold; detectors that were trained with cross-entropy alone (naive) stand beside those with Single-Center ' +
      'Loss. What the real and the generated images are worth alone is shown, too.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    required: ['real', 'generated'],
    examples: [
      [
        'deepcode exam --detector runs/ce --detector runs/scl --data faces --real generated/real --generated generated/fake',
        'on what deepcode synthesize made, naive against Single-Center Loss',
      ],
      ['deepcode exam --detector runs/scl --real photos --generated fakes --out report', 'with Markdown, JSON and a chart'],
    ],
    run: (_, options, session) => run(options as Options, session),
  });
}
