"""Files of other people's making: archives, pictures, Parquet, MATLAB. A reader names the file it refuses."""
