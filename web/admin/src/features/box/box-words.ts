import { useTranslation } from 'react-i18next';

/** The sentences of the API about a box, which speaks English to everybody, as keys of our own. */
const PROBLEMS = {
  'Connection refused': 'refused',
  'Connection timeout': 'timeout',
  'Authentication refused': 'authentication',
  'Host key changed': 'hostKey',
  'Asterisk is not running': 'notRunning',
  'Asterisk is still starting': 'booting',
  'Connection lost': 'lost',
  'No Asterisk box is configured': 'none',
} as const;

/** Why a box did not do something, in plain words; what is not known is said as it came. */
export function useBoxProblem(): (sentence: string) => string {
  const { t } = useTranslation();
  return (sentence) => {
    const found = Object.entries(PROBLEMS).find(([part]) => sentence.includes(part));
    return found ? t(`box.problems.${found[1]}`) : sentence;
  };
}
