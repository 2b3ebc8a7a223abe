"""A person's folder of ncnn super-resolution models. They need ncnn: `pip install 'bappsmith[ncnn]'`."""
