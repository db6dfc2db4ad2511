// Thumbnails: codes of head_grid.thumbnails as small images on the scale all heads share.

// tone = weight^gamma for each of the 256 codes; gamma comes with the value and depends on the text's length only.
function thumbTones(gamma) {
  return Float32Array.from({ length: 256 }, (_, code) => ((code / 255) ** 2) ** gamma);
}

function thumbImage(codes, rows, cols, tones, theme) {
  return toneImage(cols, rows, (x, y) => tones[codes[y * cols + x]], theme);
}

// Enlarged without blur where every cell gets several pixels; otherwise smoothed, so that no line drops out.
function paintThumb(context, image, source, target) {
  const scale = window.devicePixelRatio || 1;
  context.imageSmoothingEnabled = (target.side * scale) / source.width < 2;
  context.imageSmoothingQuality = "high";
  context.drawImage(image, source.x, source.y, source.width, source.height, target.x, target.y, target.side, target.side);
}
