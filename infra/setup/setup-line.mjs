// The line that says what set-up did:
//   setup       dependencies 6.1 s, node 24.21 ready, nats-server 2.15.1 ready, influxd 1.6.7 ready
// On a terminal the step under way is shown in its place and rewritten; elsewhere each long step gets a line of its own.
import util from 'node:util';

/** Through this variable the launcher hands its part of the line to the program that completes it. */
export const notesVariable = 'MILLRACE_SETUP_NOTES';

const label = '  setup       ';

export function createSetupLine(stream = process.stderr, env = process.env) {
  const isTerminal = stream.isTTY === true && env.TERM !== 'dumb';
  const notes = env[notesVariable] === undefined ? [] : JSON.parse(env[notesVariable]);
  let isShowing = false;
  let lastShown = '';

  // By way of the whole module: Node 18 and 20.11 have no `styleText`, and an import by name would end them here.
  const { styleText } = util;
  const dim = (text) => (isTerminal && styleText && env.NO_COLOR === undefined ? styleText('dim', text) : text);
  const clear = () => {
    if (isShowing) stream.write('\r\x1b[2K');
    isShowing = false;
  };
  return {
    notes,
    /** Shows what is being done now, e.g. `installing dependencies`. */
    doing(text) {
      if (text === lastShown) return;
      lastShown = text;
      clear();
      if (!isTerminal) stream.write(`${label}${text}\n`);
      else {
        stream.write(dim(label) + [...notes, text].join(', ').slice(0, (stream.columns || 80) - label.length - 1));
        isShowing = true;
      }
    },
    /** Adds a finished step to the line, e.g. `dependencies 6.1 s`. */
    done(note) {
      notes.push(note);
    },
    /** A sentence of its own, e.g. which package index could not be read. */
    say(sentence) {
      clear();
      stream.write(`${dim(label)}${sentence}\n`);
    },
    clear,
    /** Prints the whole line once, when there is anything to say. */
    finish() {
      clear();
      if (notes.length > 0)
        stream.write(`${dim(label)}${isTerminal ? wrapped(notes, stream.columns || 80) : notes.join(', ')}\n`);
      notes.length = 0;
    },
  };
}

/** Notes side by side, those that do not fit any more below the first. */
function wrapped(notes, columns) {
  let text = '';
  let width = label.length;
  for (const [index, note] of notes.entries()) {
    const part = index < notes.length - 1 ? `${note},` : note;
    if (text !== '' && width + 1 + part.length >= columns) {
      text += `\n${' '.repeat(label.length)}`;
      width = label.length;
    } else if (text !== '') {
      text += ' ';
      width++;
    }
    text += part;
    width += part.length;
  }
  return text;
}
