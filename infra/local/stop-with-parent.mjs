// Preloaded into parts that are not ours to change: they end when the process that started them is gone.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel) {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 5_000).unref();
  });
  process.channel.unref();

  // The framework notes a failed build as its exit code, and then esbuild keeps the process open for ever.
  setInterval(() => process.exitCode && process.exit(), 500).unref();
}
