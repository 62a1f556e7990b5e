import { expect, test } from 'vitest';

import { parseHtml } from './telegram-html.ts';

// The texts and offsets are those of the real server (TDLib), bytes before the fault included.
test.for<[source: string, error: string]>([
  ['<b>жирный', `Can't find end tag corresponding to start tag "b"`],
  ['<script>x</script>', 'Unsupported start tag "script" at byte offset 0'],
  ['абв<br>', 'Unsupported start tag "br" at byte offset 6'],
  ['<b><i>test</b></i>', 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'],
  ['x</b>', 'Unexpected end tag at byte offset 1'],
  ['1 < 2', 'Unsupported start tag "" at byte offset 2'],
  ['<b', 'Unclosed start tag at byte offset 0'],
  ['<i    a  =  ', 'Unclosed start tag "i" at byte offset 0'],
  ['<i   =a>x</i>', 'Empty attribute name in the tag "i" at byte offset 0'],
  ['<a href="https://x.by>x</a>', 'Unclosed start tag at byte offset 0'],
  ['<i>a</i   ', 'Unclosed end tag at byte offset 4'],
  ['<span>x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
  [
    '&#xDFDF;',
    'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
  ],
])('refuses %s', ([source, error]) => {
  expect(() => parseHtml(source)).toThrow(new Error(error));
});

test.for<[source: string, text: string, entities: object[]]>([
  ['', '', []],
  ['&lt;&gt;&amp;&quot; &#9742; &#x1F4DE;', '<>&" ☎ 📞', []],
  ['&ge;&laquo;&nbsp;', '&ge;&laquo;&nbsp;', []],
  ['➡️ <em>я</em>', '➡️ я', [{ type: 'italic', offset: 3, length: 1 }]],
  ['📞<B>я</b>', '📞я', [{ type: 'bold', offset: 2, length: 1 }]],
  [
    '<u>a</><s>b</>',
    'ab',
    [
      { type: 'underline', offset: 0, length: 1 },
      { type: 'strikethrough', offset: 1, length: 1 },
    ],
  ],
  ['<b></b>', '', []],
  [
    '<a href="https://hub.by/r?a=1&amp;b=2">Запись</a>',
    'Запись',
    [{ type: 'text_link', offset: 0, length: 6, url: 'https://hub.by/r?a=1&b=2' }],
  ],
  [
    '<blockquote expandable>я</blockquote>',
    'я',
    [{ type: 'expandable_blockquote', offset: 0, length: 1 }],
  ],
  ['<tg-spoiler>я</tg-spoiler>', 'я', [{ type: 'spoiler', offset: 0, length: 1 }]],
  ['<pre><code class="language-sql">x</code></pre>', 'x', [{ type: 'pre', language: 'sql' }]],
  ['<code class="language-sql">x</code>', 'x', [{ type: 'code', offset: 0, length: 1 }]],
])('reads %s', ([source, text, entities]) => {
  expect(parseHtml(source)).toMatchObject({ text, entities });
});

test.for<[source: string, warning: RegExp]>([
  ['a&nbsp;b', /&nbsp; is shown as it stands/],
  ['<a href="http://localhost/r">x</a>', /"http:\/\/localhost\/r" is dropped .* Wrong HTTP URL/],
  ['<a href="javascript:alert(1)">x</a>', /dropped/],
])('warns about %s', ([source, warning]) => {
  expect(parseHtml(source).warnings).toEqual([expect.stringMatching(warning)]);
});

test('gives the page nothing that could run', () => {
  const { html } = parseHtml(
    '<b onclick="x()">&lt;img src=x onerror=y&gt;</b><a href="https://x.by/&quot; onclick=&quot;z()">l</a>',
  );
  expect(html).toBe(
    '<b>&lt;img src=x onerror=y&gt;</b><a href="https://x.by/&quot; onclick=&quot;z()" rel="noreferrer" target="_blank">l</a>',
  );
});
