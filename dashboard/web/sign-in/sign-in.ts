import { send } from '../api/request.ts';
import { returnPath } from './return-path.ts';

const form = document.querySelector<HTMLFormElement>('#sign-in')!;
const password = document.querySelector<HTMLInputElement>('#password')!;
const problem = document.querySelector<HTMLElement>('#problem')!;
const button = form.querySelector('button')!;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn();
});

async function signIn(): Promise<void> {
  button.disabled = true;
  problem.textContent = '';
  const failure = await send('POST', '/session', { password: password.value });
  if (failure === null) return location.replace(returnPath(location.search));
  button.disabled = false;
  problem.textContent = failure.status === 401 ? 'That is not the password.' : failure.message;
  password.select();
}
