/** Text from outside as it may be printed: nothing in it moves the cursor or colours the terminal. */
export function plainText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it takes out
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}
