import { useSignal } from '@preact/signals';

const saidForMs = 1_500;

/** Copies `text`; says "Copied" for 1.5 s, or that it could not. */
function useCopy(text: string): { readonly word: string; copy(): void } {
  const word = useSignal('Copy');
  const say = (said: string) => {
    word.value = said;
    setTimeout(() => (word.value = 'Copy'), saidForMs);
  };
  return {
    word: word.value,
    copy: () => {
      navigator.clipboard.writeText(text).then(
        () => say('Copied'),
        () => say('Not allowed'),
      );
    },
  };
}

/** A command or line of a configuration, with its button. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  const { word, copy } = useCopy(text);
  return (
    <div class="copy">
      {/* It scrolls sideways on a phone, so it takes the focus. */}
      <code tabIndex={0} role="group" aria-label={label}>
        {text}
      </code>
      <button type="button" onClick={copy} aria-label={`Copy: ${label}`}>
        <span aria-live="polite">{word}</span>
      </button>
    </div>
  );
}

/** An id, topic or position: mono, a click copies it. */
export function CopyText({ text }: { text: string }) {
  const { word, copy } = useCopy(text);
  return (
    <button type="button" class="copyable mono" onClick={copy} title={word === 'Copy' ? `Copy ${text}` : word}>
      <span class={word === 'Copy' ? '' : 'unseen'}>{text}</span>
      {word !== 'Copy' && <span class="said">{word}</span>}
    </button>
  );
}
