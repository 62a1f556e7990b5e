import { Component, type ReactNode } from 'react';
import { Translation } from 'react-i18next';

/** A fault of ours on one page must not leave a white screen. A page whose files are gone after a deploy loads anew. */
export class CrashScreen extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Translation>
        {(t) => (
          <main role="alert">
            <h1>{t('errors.crash')}</h1>
            <p>{t('errors.crashText')}</p>
            <button type="button" onClick={() => window.location.reload()}>
              {t('errors.reload')}
            </button>
          </main>
        )}
      </Translation>
    );
  }
}
