// Removes the data of the local stack of this PORT_OFFSET: npm run reset
import { dataFolderFor, shown } from './folders.ts';
import { printable } from './plain-error.ts';
import { readPortOffset } from './ports.ts';
import { removeData } from './remove-data.ts';

try {
  const folder = dataFolderFor(readPortOffset());
  const removed = await removeData(folder);
  console.log(
    removed
      ? `Removed the data in ${shown(folder)}.`
      : `Nothing to remove: there is no ${shown(folder)}.`,
  );
} catch (error) {
  console.error(printable(error));
  process.exit(1);
}
