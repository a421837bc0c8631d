import { render } from 'preact';
import { startFeed } from './live/feed.ts';
import { startRouter } from './router/location.ts';
import { startKeys } from './shell/keys.ts';
import { Shell } from './shell/shell.tsx';

startRouter();
startKeys();
startFeed(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`);
render(<Shell />, document.getElementById('root')!);
