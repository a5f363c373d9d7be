"""What people paste, as Word, Google Docs and web pages put it on the clipboard, and what it must become.

The server (cms/rich_text.py) and the browser (static/js/story-clean.js) are held to the same.
"""

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15">
<style><!-- p.MsoNormal {mso-style-parent:""; margin:0cm;} --></style>
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]--></head>
<body lang=NL style='tab-interval:35.4pt'><!--StartFragment-->
<h2>Waarom deze kop<o:p></o:p></h2>
<p class=MsoNormal><span style='font-size:11.0pt;font-family:"Calibri",sans-serif;mso-fareast-language:EN-US'>Hij
ligt <b style='mso-bidi-font-weight:normal'>goed</b> in de <i>hand</i>.<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span></span><![endif]>Licht<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]>Dun<o:p></o:p></p>
<p class=MsoNormal>Tot slot.<img width=1 height=1 src="file:///C:/Temp/image001.png"></p>
<!--EndFragment--></body></html>"""

WORD_NUMBERED = """<p class=MsoListParagraph
style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.<span>&nbsp; </span></span>Kneden</p>

<p class=MsoListParagraph
style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>2.<span>&nbsp; </span></span>Draaien</p>"""

GOOGLE_DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-7f1c"><h1 dir="ltr"
style="line-height:1.38;"><span style="font-size:20pt;font-weight:400;">Klei</span></h1><p dir="ltr"
style="line-height:1.38"><span style="font-weight:400;font-style:normal;white-space:pre-wrap;">Uit </span><span
style="font-weight:700;">Gent</span><span style="font-weight:400;font-style:italic;">, zegt zij</span></p><br /><ul
style="margin-top:0"><li dir="ltr" aria-level="1"><p dir="ltr" role="presentation"><span>wit</span></p></li><ul><li
dir="ltr" aria-level="2"><p dir="ltr" role="presentation"><span>gebroken wit</span></p></li></ul></ul></b><br
class="Apple-interchange-newline">"""

PASTES = {
    "word": (
        WORD,
        (
            "<p><b>Waarom deze kop</b></p><p>Hij ligt <b>goed</b> in de <i>hand</i>.</p>"
            "<ul><li>Licht</li><li>Dun</li></ul><p>Tot slot.</p>"
        ),
    ),
    "word numbers": (WORD_NUMBERED, "<ol><li>Kneden</li><li>Draaien</li></ol>"),
    "google docs": (
        GOOGLE_DOCS,
        (
            "<p><b>Klei</b></p><p>Uit <b>Gent</b><i>, zegt zij</i></p>"
            "<ul><li>wit<ul><li>gebroken wit</li></ul></li></ul>"
        ),
    ),
    "web page": (
        (
            '<article><header><h1 class="x">Kop</h1></header><div class="lead"><span style="color:red">Een </span>'
            '<a href="https://pot.example/kop?a=1&amp;b=2" onclick="alert(1)" target="_blank"><em>kop</em></a>'
            '<script>alert(1)</script><style>p{color:red}</style> van <a href="/winkel">hier</a>.</div></article>'
        ),
        '<p><b>Kop</b></p><p>Een <a href="https://pot.example/kop?a=1&amp;b=2"><i>kop</i></a> van hier.</p>',
    ),
    "table": (
        (
            "<table><thead><tr><th>Maat</th><th>Prijs</th></tr></thead><tbody><tr><td><p>Klein</p></td><td></td>"
            "<td><p>€ 12</p></td></tr></tbody></table>"
        ),
        "<p>Maat · Prijs</p><p>Klein · € 12</p>",
    ),
    "picture inside": (
        '<p>Voor<img src="data:image/png;base64,iVBORw0KGgo=" alt="kop">na</p><p><img src=x onerror=alert(1)></p>',
        "<p>Voorna</p>",
    ),
    "nested spans": (
        "<span><span><b><span><b>vet</b></span></b></span> en <span style='font-style: italic'>schuin</span></span>",
        "<p><b>vet</b> en <i>schuin</i></p>",
    ),
    "bold around paragraphs": ("<b><p>een</p><p>twee</p></b>", "<p><b>een</b></p><p><b>twee</b></p>"),
    "lines": ("een<br>twee<br><br>drie<br>", "<p>een<br>twee</p><p>drie</p>"),
    "loose text": ("los <p>stuk</p> nog los", "<p>los</p><p>stuk</p><p>nog los</p>"),
    "list in a list": (
        "<ol><li>een</li><li>twee<ul><li>drie</li></ul>na</li></ol>",
        "<ol><li>een</li><li>twee<br>na<ul><li>drie</li></ul></li></ol>",
    ),
    "dangerous links": (
        '<a href="javascript:alert(1)">a</a> <a href="data:text/html,x">b</a> <a href="mailto:ada@example.com">c</a>',
        '<p>a b <a href="mailto:ada@example.com">c</a></p>',
    ),
    "signs": ("<p>1 &lt; 2 &amp; &quot;x&quot;&nbsp;y</p>", '<p>1 &lt; 2 &amp; "x"&nbsp;y</p>'),
    "preformatted": ("<pre>een\n  twee</pre>", "<p>een twee</p>"),
    "quotation": (
        "<blockquote><p>Zei zij.</p><footer>Mila</footer></blockquote>",
        "<p>Zei zij.</p><p>Mila</p>",
    ),
    "nothing": ("<p>&nbsp;</p><ul><li></li></ul><h2><br></h2>", ""),
}
