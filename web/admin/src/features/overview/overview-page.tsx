import { Page } from '../../ui/page.tsx';

export default function Stub() {
  return <Page title="…">…</Page>;
}
