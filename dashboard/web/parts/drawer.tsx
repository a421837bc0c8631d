import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Mark } from './marks.tsx';

/** A native dialog at the right edge (phone: the whole page). Esc closes it, the focus returns to where it was. */
export function Drawer({
  title,
  onClose,
  children,
  kind = 'drawer',
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  kind?: 'drawer' | 'dialog';
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={kind}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => {
        // A click on the backdrop is a click on the dialog itself.
        if (event.target === ref.current) ref.current?.close();
      }}
    >
      <div class="inner">
        <header>
          <h2>{title}</h2>
          <span class="grow" />
          <button type="button" class="btn quiet" aria-label="Close" onClick={() => ref.current?.close()}>
            <Mark kind="remove" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
