import { expect, test } from 'vitest';

import { describeCdr, groupCdr, readCdrLine } from '../../shared/recordings/cdr.ts';

/** A click-to-call as Asterisk 22 writes it: the employee's leg, its two Dials, and the leg to the line. */
const CLICK = [
  `"","375291110001","151","sim-phone",""""" <375291110001>","Local/151@inoffice-00000000;2","","Wait","60","2026-11-21 16:50:17","2026-11-21 16:50:18","2026-11-21 16:50:23",5,4,"ANSWERED","DOCUMENTATION","1795279817.1"`,
  `"","","151","inoffice",""""" <>","Local/151@inoffice-00000000;1","","Dial","LOCAL/375291110001@inoffice","2026-11-21 16:50:17","2026-11-21 16:50:18","2026-11-21 16:50:18",1,0,"ANSWERED","DOCUMENTATION","1795279817.0"`,
  `"","","151","inoffice",""""" <>","Local/151@inoffice-00000000;1","Local/375291110001@inoffice-00000001;1","Dial","LOCAL/375291110001@inoffice","2026-11-21 16:50:18","2026-11-21 16:50:18","2026-11-21 16:50:23",4,4,"ANSWERED","DOCUMENTATION","1795279817.0"`,
  `"","","375291110001","outgoing",""""" <>","Local/375291110001@inoffice-00000001;2","PJSIP/0001367-00000000","Dial","PJSIP/375291110001@0001367,60,tT","2026-11-21 16:50:18","2026-11-21 16:50:20","2026-11-21 16:50:23",4,2,"ANSWERED","DOCUMENTATION","1795279818.3"`,
];

const describeOne = (lines: string[]) => {
  const read = lines.flatMap((line) => readCdrLine(line, { timezone: 'UTC' }) ?? []);
  expect(read).toHaveLength(lines.length);
  const groups = groupCdr(read);
  expect(groups).toHaveLength(1);
  return describeCdr(groups[0] ?? []);
};

test('a click-to-call goes out by its line, and is answered when the client answers', () => {
  expect(describeOne(CLICK)).toMatchObject({
    mainUniqueId: '1795279817.0',
    direction: 'out',
    phone: '375291110001',
    line: '0001367',
    caller: '151',
    extensions: ['151'],
    answered: true,
    answeredAt: new Date('2026-11-21T16:50:20Z'),
    endedAt: new Date('2026-11-21T16:50:23Z'),
  });
});

test('a click-to-call that the client does not answer is not answered, although the employee was there', () => {
  const unanswered = CLICK.with(
    3,
    (CLICK[3] ?? '').replace(
      '"2026-11-21 16:50:20","2026-11-21 16:50:23",4,2,"ANSWERED"',
      '"","2026-11-21 16:50:23",4,0,"NO ANSWER"',
    ),
  );
  expect(describeOne(unanswered)).toMatchObject({
    direction: 'out',
    phone: '375291110001',
    answered: false,
    answeredAt: undefined,
    extensions: ['151'],
  });
});
