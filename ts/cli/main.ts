/** The `deepcode` executable; bin/deepcode.js loads this file. */
import { runProcess } from './run.js';

void runProcess();
