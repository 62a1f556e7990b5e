/** Outline icons on a grid of 24, drawn for this app; they take the colour and the size of the text around them. */
const PATHS = {
  overview: 'M4 13h6V4H4zM14 9h6V4h-6zM4 20h6v-3H4zM14 20h6v-7h-6z',
  calls:
    'M5 4h4l2 5-2.5 1.500a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1z',
  integrations: 'M9 7V3M15 7V3M7 7h10v5a5 5 0 0 1-10 0zM12 17v4',
  deliveries: 'M4 12 20 4l-4 16-4.500-6.500zM11.500 13.500 20 4',
  recordings: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3',
  redirect: 'M4 17V9a3 3 0 0 1 3-3h12M15 2l4 4-4 4M20 13v8M16 17h8',
  enterprises: 'M4 21V5l8-2v18M12 8h8v13M3 21h18M7 8h1M7 12h1M7 16h1M16 12h1M16 16h1',
  hosting: 'M4 5h16v6H4zM4 13h16v6H4zM8 8h.010M8 16h.010M12 8h4M12 16h4',
  chats: 'M4 5h16v11H9l-5 4zM8 9h8M8 12h5',
  services:
    'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400',
  users:
    'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21a7 7 0 0 1 14 0M16 3.500a4 4 0 0 1 0 7M18 14.500a7 7 0 0 1 4 6.500',
  audit: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7',
  keys: 'M14.500 9.500a4.500 4.500 0 1 0-4 4.470L12 15h2v2h2v2h4v-3.500l-5.600-5.600c.070-.300.100-.300.100-.400zM8.500 8.500h.010',
  menu: 'M4 6h16M4 12h16M4 18h16',
  close: 'M6 6l12 12M18 6 6 18',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z',
  language:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c2.500 2.500 3.500 5.500 3.500 9s-1 6.500-3.500 9c-2.500-2.500-3.500-5.500-3.500-9s1-6.500 3.500-9z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0',
  incoming: 'M18 6 7 17M7 8v9h9',
  outgoing: 'M6 18 17 7M8 7h9v9',
  internal: 'M7 8h12l-3-3M17 16H5l3 3',
  refresh: 'M20 11a8 8 0 0 0-14.500-4L3 10M3 5v5h5M4 13a8 8 0 0 0 14.500 4L21 14M21 19v-5h-5',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  filter: 'M4 5h16l-6 8v6l-4-2v-4z',
  back: 'M15 5l-7 7 7 7',
  right: 'M9 5l7 7-7 7',
  down: 'M5 9l7 7 7-7',
  replay: 'M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4v4.500h4.500',
  warning: 'M12 4 2.500 20h19zM12 10v4M12 17h.010',
  check: 'M5 12.500 10 17l9-10',
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5h3v14H8zM14 5h3v14h-3z',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.500 4.500',
  plus: 'M12 5v14M5 12h14',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  box: 'M4 7l8-4 8 4v10l-8 4-8-4zM4 7l8 4 8-4M12 11v10',
  up: 'M5 15l7-7 7 7',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      focusable={false}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
