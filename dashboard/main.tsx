import 'colours.css';
import './style/base.css';
import './style/parts.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { beginTips } from './parts/tip.ts';

const root = document.getElementById('app');
if (root) {
  beginTips(document);
  render(<App />, root);
}
