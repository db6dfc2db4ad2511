"""What is made of a capture for people: pictures with their captions, and what leaves the page. Never gradio."""
