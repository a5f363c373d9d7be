// A video is asked of its provider only when somebody plays it; without script the link leads there.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-video-open]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const figure = opener.closest("[data-video]");
  const player = document.createElement("iframe");
  player.className = "story-video__player";
  player.src = figure.dataset.video;
  player.title = figure.dataset.videoTitle;
  player.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
  player.referrerPolicy = "strict-origin-when-cross-origin";
  player.tabIndex = 0;
  opener.replaceWith(player);
  player.focus();
});
